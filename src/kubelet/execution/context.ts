import type { Pod, Secret, Service } from '../../api/types.generated.ts'
import type { EventRecorder } from '../../client/events/event-recorder.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import type { PodDevices } from '../devices/prepared-claims.ts'
import type { DownwardFacts } from '../environment/downward-fields.ts'
import type { ReferencedObjects } from '../environment/environment.ts'
import type { PodHost } from '../host/pod-host.ts'
import type { ImagePuller, TellEvent } from '../images/image-puller.ts'
import type { BackOff } from '../lifecycle/back-off.ts'
import type { PodObserver } from '../observation/pod-observer.ts'
import { type DeclaredContainer, fieldPathOf } from '../pods/containers.ts'
import type { Runtime } from '../runtimes/runtime.ts'
import type { UserMappings } from '../runtimes/types.ts'
import type { PodWorkMetrics } from '../stats/pod-work-metrics.ts'

/** What the execution of a plan works with: one for all pods of a node. */
export interface ExecutionContext {
  readonly runtime: Runtime
  readonly host: PodHost
  readonly observer: PodObserver
  readonly images: ImagePuller
  readonly objects: ReferencedObjects
  readonly crashBackOff: BackOff
  readonly clock: Clock
  readonly log: Logger
  readonly events: EventRecorder
  readonly clusterDNS: readonly string[]
  readonly clusterDomain: string
  /** Services of the cluster, for the variables that name them; throws until they have been read once. */
  services(): readonly Service[]
  facts(pod: Pod, podIPs: readonly string[]): DownwardFacts
  pullSecrets(pod: Pod): Promise<readonly Secret[]>
  /** The runtime's handler for the pod's RuntimeClass; '' is the default. Throws when there is no such class. */
  runtimeHandler(pod: Pod): Promise<string>
  /** The ids of a pod that does not use the node's. Throws when the runtime cannot do that. */
  userMappings(pod: Pod): Promise<UserMappings | undefined>
  recursiveReadOnly(handler: string): boolean
  /** What the pods take is told here; absent: nowhere. */
  readonly metrics?: PodWorkMetrics
  /** Absent: the node has no drivers of devices. */
  readonly devices?: PodDevices
}

/** Tells about a container: events on its pod that name the container's field. */
export function tellAbout(context: Pick<ExecutionContext, 'events'>, pod: Pod, declared: DeclaredContainer): TellEvent {
  const { name, namespace, uid, resourceVersion } = pod.metadata
  const about = {
    apiVersion: 'v1',
    kind: 'Pod',
    name,
    namespace,
    uid,
    resourceVersion,
    fieldPath: fieldPathOf(declared),
  }
  return (type, reason, message) => context.events.event(about, type, reason, message)
}
