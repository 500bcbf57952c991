import type { Client } from '../client/client.ts'
import { createEventRecorder } from '../client/events/core-event-recorder.ts'
import type { EventRecorder } from '../client/events/event-recorder.ts'
import type { InformerFactory } from '../client/informer.ts'
import type { WorkQueueMetrics } from '../client/work-queue.ts'
import type { Clock } from '../machinery/clock.ts'
import type { Component } from '../machinery/component.ts'
import type { Logger } from '../machinery/log.ts'
import { MetricsRegistry } from '../machinery/metrics.ts'
import type { Random } from '../machinery/random.ts'
import { controllers } from './controllers.ts'
import type { ControllerOptions } from './options.ts'
import { queueNameOf } from './queue-names.ts'
import type { Controller, RunningController } from './runtime/controller.ts'

export interface ControllerManager extends Component {
  /** The names of the controllers that work. */
  running(): readonly string[]
}

/** As upstream's manager calls itself in its metrics. */
const manager = 'kube-controller-manager'

/**
 * The controller manager. Each controller acts as the service account kube-system/<its name>: `clientFor(name)` gives a
 * client with that identity. `informers` are shared by all and read as the manager (system:kube-controller-manager).
 */
export function startControllers(options: {
  readonly clientFor: (name: string) => Client
  /** Of the manager itself, for the few controllers that act as it. Default: one of their name. */
  readonly managerClient?: Client
  readonly informers: InformerFactory
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly options: ControllerOptions
  /** Default: all of them. */
  readonly controllers?: readonly Controller[]
  /** Measures the queue of this name. */
  readonly metrics?: (queue: string) => WorkQueueMetrics
  /** Where controllers tell what else they do; default: nowhere. */
  readonly registry?: MetricsRegistry
}): ControllerManager {
  const { clientFor, informers, clock, random, metrics, registry = new MetricsRegistry() } = options
  const works = registry.gauge('running_managed_controllers', 'Whether the controller works here.', ['name', 'manager'])
  let running: RunningController[] = []
  let names: string[] = []
  let recorders: EventRecorder[] = []
  return {
    name: 'controller-manager',
    running: () => [...new Set(names)],
    async start() {
      for (const controller of options.controllers ?? controllers) {
        const { name, eventSource = name, asManager, enabled } = controller
        if (enabled?.(options.options) === false) continue
        const log = options.log.child({ controller: name })
        const client = (asManager ? options.managerClient : undefined) ?? clientFor(name)
        const recorder = createEventRecorder({ client, component: eventSource, clock, random, log })
        recorders.push(recorder)
        const context = { client, informers, recorder, clock, random, log, registry, options: options.options }
        names.push(name)
        works.labels(name, manager).set(1)
        running.push(controller.start({ ...context, metrics: metrics?.(queueNameOf(name)) }))
      }
    },
    async stop() {
      await Promise.all(running.map((controller) => controller.stop()))
      for (const recorder of recorders) recorder.stop()
      for (const name of names) works.labels(name, manager).set(0)
      running = []
      names = []
      recorders = []
    },
  }
}
