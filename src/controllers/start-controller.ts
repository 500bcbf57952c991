import { homedir } from 'node:os'
import { join } from 'node:path'
import type { ResourceRef } from '../api/definition.ts'
import type { Client } from '../client/client.ts'
import { createClient } from '../client/create-client.ts'
import { createEventRecorder } from '../client/events/core-event-recorder.ts'
import type { EventRecorder } from '../client/events/event-recorder.ts'
import { httpTransport } from '../client/http/http-transport.ts'
import { inClusterConnection, kubeconfigFileTransport } from '../client/http/kubeconfig.ts'
import { keyOf } from '../client/informer.ts'
import { createInformerFactory } from '../client/informer-factory.ts'
import { type Clock, systemClock } from '../machinery/clock.ts'
import { createLogger, type Logger } from '../machinery/log.ts'
import { apiVersionOf, type KubeObject } from '../machinery/meta/object.ts'
import { MetricsRegistry } from '../machinery/metrics.ts'
import { systemRandom } from '../machinery/random.ts'
import type { RunningController } from './runtime/controller.ts'
import { defineSync } from './runtime/define-sync.ts'

/** A controller of somebody else's, for kinds of their own: `import { startController } from 'skiff/controller'`. */
export interface ControllerDeclaration<T extends KubeObject> {
  /** In logs; with it the controller is told apart from others. */
  readonly name: string
  readonly for: ResourceRef<T>
  /** Kinds whose objects it makes: when one changes, the object that owns it is looked at again. */
  readonly owns?: readonly ResourceRef[]
  /**
   * Makes the world as the object says. Called with the newest state when the object or what it owns has changed, never
   * twice at once for one object, and again after a while when it throws. Not called for objects that are gone.
   */
  reconcile(object: T, tools: ReconcileTools): Promise<{ readonly requeueAfterMs?: number } | void>
}

export interface ReconcileTools {
  readonly client: Client
  /** `recorder.event(object, 'Normal', 'Reason', 'message')`: what `kubectl describe` shows. */
  readonly recorder: EventRecorder
}

export interface ControllerCluster {
  readonly client: Client
  readonly log?: Logger
  readonly clock?: Clock
}

/**
 * The cluster of a kubeconfig file (default: $KUBECONFIG, else ~/.kube/config); inside a pod that has none, its own
 * cluster.
 */
export function connect(kubeconfig: string | undefined = process.env['KUBECONFIG']): ControllerCluster {
  const clock = systemClock
  const userAgent = 'skiff-controller'
  const inPod = kubeconfig === undefined && process.env['KUBERNETES_SERVICE_HOST'] !== undefined
  const transport = inPod
    ? httpTransport({ ...inClusterConnection(process.env, clock), userAgent, clock })
    : kubeconfigFileTransport(kubeconfig || join(homedir(), '.kube/config'), { userAgent, clock })
  return { client: createClient(transport), clock }
}

/** Starts a controller; `stop` ends it. */
export function startController<T extends KubeObject>(
  cluster: ControllerCluster,
  { name, for: ref, owns = [], reconcile }: ControllerDeclaration<T>,
): RunningController {
  const { client, clock = systemClock } = cluster
  const log =
    cluster.log ?? createLogger({ level: 'info', write: (line) => console.error(line), now: () => clock.now() })
  const informers = createInformerFactory({ client, clock, log })
  const objects = informers.for(ref)
  const owned = owns.map((of) => informers.for(of))
  const apiVersion = apiVersionOf(ref)
  const random = systemRandom
  const recorder = createEventRecorder({ client, component: name, clock, random })

  const controller = defineSync({
    name,
    setup: () => ({
      ready: (signal) => Promise.all([objects, ...owned].map((informer) => informer.whenSynced(signal))),
      async sync(key) {
        const object = objects.get(key)
        return object && (await reconcile(object, { client, recorder }))
      },
      watch(queue) {
        const add = (object: T) => queue.add(keyOf(object))
        const addOwner = ({ metadata }: KubeObject) => {
          for (const owner of metadata.ownerReferences ?? []) {
            if (owner.controller !== true || owner.kind !== ref.kind || owner.apiVersion !== apiVersion) continue
            queue.add(ref.namespaced ? `${metadata.namespace}/${owner.name}` : owner.name)
          }
        }
        const ends = [
          objects.subscribe({ added: add, updated: add }),
          ...owned.map((informer) => informer.subscribe({ added: addOwner, updated: addOwner, deleted: addOwner })),
        ]
        return () => {
          for (const end of ends) end()
        }
      },
      async stop() {
        recorder.stop()
        await informers.stop()
      },
    }),
  })
  const registry = new MetricsRegistry()
  return controller.start({ client, informers, recorder, clock, random, log, registry, options: {} })
}
