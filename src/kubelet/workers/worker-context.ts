import type { Container, Pod, PodCondition } from '../../api/types.generated.ts'
import type { ExecutionContext } from '../execution/context.ts'
import type { PodRuntime } from '../lifecycle/pod-runtime.ts'
import type { ProbeResult, ResizeDecision } from '../lifecycle/plan-input.ts'
import type { ProbeView } from '../status/pod-status.ts'
import type { StatusManager } from '../status/status-manager.ts'

/** Probing of containers, as pod workers see it. */
export interface Probes {
  /** Begins to probe what is not probed yet. */
  add(pod: Pod): void
  stopLivenessAndStartup(uid: string): void
  remove(uid: string): void
  liveness(containerId: string): ProbeResult | undefined
  startup(containerId: string): ProbeResult | undefined
  view(pod: Pod): ProbeView
}

/** Changes of resources of running pods. */
export interface Resizes {
  /** Asks the node when the pod wants other resources than it has. */
  consider(pod: Pod): void
  /** The pod with the resources that the node has agreed to. */
  allocated(pod: Pod): Pod
  /** A container was made with the resources that it is declared with now. */
  started(pod: Pod, container: Container): void
  /** These containers run already, with the resources that the pod's status tells. */
  adopted(pod: Pod, running: readonly string[]): void
  decide(pod: Pod, container: Container): ResizeDecision
  /** Gives running containers of these names what the pod allots them. Never throws: a failure becomes a condition. */
  apply(pod: Pod, names: readonly string[], seen: PodRuntime): Promise<void>
  /** Sees whether a resize has come to its end. */
  settle(pod: Pod, seen: PodRuntime): void
  conditions(pod: Pod): readonly PodCondition[]
  forget(uid: string): void
}

/** What all pod workers of a node share. */
export interface WorkerContext extends ExecutionContext {
  readonly statuses: StatusManager
  readonly probes: Probes
  readonly resizes: Resizes
  /** What ids begin with in the API: `containerd`. */
  readonly runtimeName: string
  readonly hostIPs: () => readonly string[]
  /** Why pods with a network of their own cannot start yet. */
  readonly networkError: () => string | undefined
}

export interface Eviction {
  readonly reason: string
  readonly message: string
  /** Instead of the pod's own grace period. */
  readonly graceSeconds?: number
  /** Why the pod is disrupted, for its DisruptionTarget condition. */
  readonly disruption?: string
}
