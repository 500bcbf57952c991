import { flushCompileCache } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { sleep, systemClock } from '../machinery/clock.ts'

const secondsUntilSettled = 5

/**
 * Gives back what only the start needed, once, when all has settled: about 40 MiB of sources and parse trees. V8
 * collects when something is allocated, which an idle process hardly does. Takes about 50 ms; ends at once with the signal.
 */
export async function collectStart(signal: AbortSignal): Promise<void> {
  await sleep(systemClock, secondsUntilSettled * 1000, signal).catch(() => {})
  if (signal.aborted) return
  // Before the functions that only the start needed are forgotten; also for a process that will be killed.
  flushCompileCache()
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (how: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void
  // Only the last resort gives emptied pages back to the system.
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
