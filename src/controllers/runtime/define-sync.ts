import type { WorkQueue } from '../../client/work-queue.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { startWorkLoop, type WorkLoopOptions } from './work-loop.ts'

/** What a controller of its own shape brings to the loop. */
export interface SyncParts extends Pick<WorkLoopOptions, 'sync' | 'ready' | 'pace'> {
  /** Begins to watch what fills the queue; the result ends that. */
  readonly watch: (queue: WorkQueue<string>) => () => void
  /** Ends what else was begun. */
  readonly stop?: () => Promise<void> | void
}

/** A controller whose work is no decision about one object: the same queue and loop, with a `sync(key)` of its own. */
export function defineSync(
  declaration: Pick<Controller, 'name' | 'eventSource' | 'asManager' | 'enabled'> & {
    readonly workers?: number
    readonly setup: (context: ControllerContext) => SyncParts
  },
): Controller {
  const { workers, setup, ...identity } = declaration
  return {
    ...identity,
    start(context) {
      const { sync, ready, pace, watch, stop } = setup(context)
      const loop = startWorkLoop(context, { workers, sync, ready, pace })
      const unwatch = watch(loop.queue)
      return {
        get idle() {
          return loop.idle
        },
        async stop() {
          unwatch()
          await loop.stop()
          await stop?.()
        },
      }
    },
  }
}
