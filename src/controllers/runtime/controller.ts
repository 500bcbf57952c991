import type { Client } from '../../client/client.ts'
import type { EventRecorder } from '../../client/events/event-recorder.ts'
import type { InformerFactory } from '../../client/informer.ts'
import type { WorkQueueMetrics } from '../../client/work-queue.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import type { MetricsRegistry } from '../../machinery/metrics.ts'
import type { Random } from '../../machinery/random.ts'
import type { ControllerOptions } from '../options.ts'

/** What a controller is given: everything it touches the world with. */
export interface ControllerContext {
  /** Acts as the controller's own service account. */
  readonly client: Client
  /** Shared with all controllers. */
  readonly informers: InformerFactory
  readonly recorder: EventRecorder
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly options: ControllerOptions
  /** Measures its queue. */
  readonly metrics?: WorkQueueMetrics
  /** Where it tells what else it does. */
  readonly registry: MetricsRegistry
}

/** A part of the controller manager: it drives what it sees in the API towards what it should be. */
export interface Controller {
  /** Also of its service account in kube-system: `replicaset-controller`. */
  readonly name: string
  /** The source of its events, when not its name. */
  readonly eventSource?: string
  /** Acts as the manager itself, since no service account may do its work: whoever makes their tokens needs none. */
  readonly asManager?: boolean
  /** Some have nothing to work with unless the cluster gives it to them, e.g. a key. Absent: always. */
  readonly enabled?: (options: ControllerOptions) => boolean
  start(context: ControllerContext): RunningController
}

export interface RunningController {
  /** Nothing is waiting or being worked on; delayed work may be there. */
  readonly idle: boolean
  /** Ends all work; resolves when the last worker has returned. */
  stop(): Promise<void>
}

/** An error after which trying again is of no use. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError'
}
export function terminal(error: unknown): TerminalError {
  return new TerminalError(error instanceof Error ? error.message : String(error), { cause: error })
}
