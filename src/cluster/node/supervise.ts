import type { Clock } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import type { Daemon } from '../machine/machine.ts'

/** A daemon that is started again when it ends. */
export interface Supervised {
  readonly daemon: Daemon
  /** Ends the daemon and the watch over it. */
  stop(): Promise<void>
  /** Ends the watch; the daemon goes on. */
  release(): Promise<void>
}

const checkMs = 500
const backOff = { firstMs: 200, mostMs: 10_000, forgottenAfterMs: 30_000 } as const

/** Starts a daemon and keeps it running; one that ends again and again is waited for longer each time. */
export async function superviseDaemon(options: {
  start: () => Promise<Daemon>
  first?: Daemon
  clock: Clock
  log: Logger
}): Promise<Supervised> {
  const { start, clock, log } = options
  let daemon = options.first ?? (await start())
  let startedAt = clock.monotonic()
  let delay: number = backOff.firstMs
  let stopped = false
  let busy: Promise<void> = Promise.resolve()
  let cancel = () => {}

  const restart = async (): Promise<void> => {
    if (clock.monotonic() - startedAt > backOff.forgottenAfterMs) delay = backOff.firstMs
    log.warn('daemon ended, starting it again', { log: daemon.logFile, delayMs: delay })
    await new Promise<void>((resolve) => (cancel = clock.after(delay, resolve)))
    delay = Math.min(delay * 2, backOff.mostMs)
    if (stopped) return
    try {
      daemon = await start()
      startedAt = clock.monotonic()
    } catch (error) {
      log.error('daemon does not start', { error })
    }
  }
  const check = (): void => {
    if (stopped) return
    if (daemon.isRunning()) cancel = clock.after(checkMs, check)
    else busy = restart().then(check)
  }
  check()
  const release = async () => {
    stopped = true
    cancel()
  }
  return {
    get daemon() {
      return daemon
    },
    release,
    async stop() {
      await release()
      await Promise.race([busy, daemon.stop()])
      if (daemon.isRunning()) await daemon.stop()
    },
  }
}
