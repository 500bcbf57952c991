import { createEventRecorder } from '../../client/events/core-event-recorder.ts'
import type { EventRecorder } from '../../client/events/event-recorder.ts'
import { type FakeClient, fakeClient } from '../../client/fake/fake-client.ts'
import { createInformerFactory } from '../../client/informer-factory.ts'
import { VirtualClock } from '../../machinery/clock.ts'
import { type Logger, silentLogger } from '../../machinery/log.ts'
import { MetricsRegistry } from '../../machinery/metrics.ts'
import { seededRandom } from '../../machinery/random.ts'
import type { ControllerOptions } from '../options.ts'
import type { Controller, RunningController } from './controller.ts'

/** Controllers that run on a fake client and a virtual clock, for tests of scenarios. */
export interface Harness {
  readonly client: FakeClient
  readonly clock: VirtualClock
  /** `Normal Reason message` of each event so far. */
  readonly events: readonly string[]
  /** What the controllers tell of themselves. */
  told(): string
  /** Lets time pass and all work be done. */
  advance(ms: number): Promise<void>
  /** Lets everything be done that is due now. */
  settle(): Promise<void>
  stop(): Promise<void>
}

export function startHarness(options: {
  readonly controllers: readonly Controller[]
  readonly options?: ControllerOptions
  readonly log?: Logger
  readonly seed?: number
  /** Write real events through the client too. */
  readonly recordEvents?: boolean
  /** Puts objects there before the controllers start. */
  readonly prepare?: (client: FakeClient) => void
  /** Plays a part of the cluster that is not there, e.g. a kubelet; called after each piece of time. */
  readonly play?: (client: FakeClient, clock: VirtualClock) => Promise<void> | void
}): Harness {
  const clock = new VirtualClock()
  const random = seededRandom(options.seed ?? 1)
  const client = fakeClient({ clock, random })
  const log = options.log ?? silentLogger
  options.prepare?.(client)
  const informers = createInformerFactory({ client, clock, log, random })
  const events: string[] = []
  const running: RunningController[] = []
  const registry = new MetricsRegistry()
  for (const controller of options.controllers) {
    const written = options.recordEvents
      ? createEventRecorder({ client, component: controller.eventSource ?? controller.name, clock, random })
      : undefined
    const recorder: EventRecorder = {
      event(about, type, reason, message, annotations) {
        events.push(`${type} ${reason} ${message}`)
        written?.event(about, type, reason, message, annotations)
      },
      flushed: () => written?.flushed() ?? Promise.resolve(),
      stop: () => written?.stop(),
    }
    const context = { client, informers, recorder, clock, random, log, registry, options: options.options ?? {} }
    running.push(controller.start(context))
  }
  const settle = async () => {
    for (let round = 0; round < 50; round++) {
      const before = client.actions.length
      await clock.advance(0)
      await new Promise<void>((resolve) => setImmediate(resolve))
      await options.play?.(client, clock)
      await clock.advance(0)
      if (client.actions.length === before && running.every(({ idle }) => idle) && round > 1) return
    }
  }
  return {
    client,
    clock,
    events,
    told: () => registry.text(),
    settle,
    async advance(ms) {
      await settle()
      const end = clock.now() + ms
      for (let steps = 0; clock.now() < end && steps < 10_000; steps++) {
        const next = clock.next()
        await clock.advance(Math.min(end, Math.max(next ?? end, clock.now())) - clock.now())
        await settle()
        if (next === undefined) continue
      }
    },
    async stop() {
      await Promise.all(running.map((controller) => controller.stop()))
      await informers.stop()
    },
  }
}
