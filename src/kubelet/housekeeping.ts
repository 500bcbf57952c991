import { type Clock, sleep } from '../machinery/clock.ts'
import type { Logger } from '../machinery/log.ts'

export interface Chore {
  readonly name: string
  readonly everyMs: number
  readonly work: () => Promise<unknown>
}

/** Does what is to be done from time to time, until the signal aborts. A chore that fails is done again next time. */
export async function keepHouse(options: {
  readonly chores: readonly Chore[]
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
}): Promise<void> {
  const { chores, clock, log, signal } = options
  await Promise.all(
    chores.map(async ({ name, everyMs, work }) => {
      while (!signal.aborted) {
        await sleep(clock, everyMs, signal).catch(() => {})
        if (signal.aborted) return
        await work().catch((error: unknown) => {
          if (!signal.aborted) log.warn('a chore failed', { chore: name, error: (error as Error).message })
        })
      }
    }),
  )
}
