import type { Clock } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import type { Store } from '../../store/store.ts'

/** kube-apiserver --etcd-compaction-interval */
const intervalMs = 300_000

/**
 * Lets the store forget what is older than five to ten minutes: at each interval, what was old at the one before
 * (apiserver pkg/storage/etcd3/compact.go). Pages and watches that are older begin anew.
 */
export class Compactor {
  readonly #store: Store
  readonly #clock: Clock
  readonly #log: Logger
  #old = 0
  #cancel = () => {}
  #stopped = false

  constructor(store: Store, clock: Clock, log: Logger) {
    this.#store = store
    this.#clock = clock
    this.#log = log
  }

  start(): void {
    this.#cancel = this.#clock.after(intervalMs, () => void this.#compact())
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  async #compact(): Promise<void> {
    try {
      const old = this.#old
      this.#old = await this.#store.revision()
      if (old > 0) await this.#store.compact(old)
    } catch (error) {
      this.#log.warn('the store could not be compacted', { error })
    }
    if (!this.#stopped) this.start()
  }
}
