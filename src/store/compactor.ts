import type { Clock } from '../machinery/clock.ts'
import type { Component } from '../machinery/component.ts'
import type { Logger } from '../machinery/log.ts'
import type { Store } from './store.ts'

export interface CompactorOptions {
  readonly store: Store
  readonly clock: Clock
  readonly log: Logger
  /** How much history stays at least; upstream's `--etcd-compaction-interval`. 0: all of it. */
  readonly intervalMs?: number
}

/**
 * Forgets history that is older than the interval: each time, what came before the revision of the time before (apiserver
 * pkg/storage/etcd3/compact.go). A store in which nothing happens is not touched.
 */
export function createCompactor({ store, clock, log, intervalMs = 5 * 60_000 }: CompactorOptions): Component {
  let cancel: (() => void) | undefined
  let last: number | undefined
  let compacted: number | undefined
  let running = false

  const tick = async () => {
    try {
      const revision = await store.revision()
      if (last !== undefined && last !== compacted) {
        await store.compact(last)
        log.debug('forgot old history', { before: last })
        compacted = last
      }
      last = revision
    } catch (error) {
      log.warn('old history stays', { error: error instanceof Error ? error.message : String(error) })
    }
    if (running) arm()
  }
  const arm = () => {
    cancel = clock.after(intervalMs, () => void tick())
  }
  return {
    name: 'compactor',
    async start() {
      if (intervalMs === 0) return
      running = true
      await tick()
    },
    async stop() {
      running = false
      cancel?.()
    },
  }
}
