import { type Clock, systemClock } from '../../machinery/clock.ts'
import {
  type ListOptions,
  type Store,
  StoreUnavailable,
  type Transaction,
  type TransactionResult,
  type Watcher,
} from '../store.ts'
import { ExpiryQueue } from './expiry-queue.ts'
import { Mvcc } from './mvcc.ts'
import { evaluate } from './transaction.ts'
import { WatchHub } from './watch-hub.ts'

export interface MemoryStoreOptions {
  readonly clock?: Clock
  /** Past states are forgotten early beyond this many bytes. */
  readonly maxHistoryBytes?: number
}

export const defaultMaxHistoryBytes: number = 128 << 20

/** A store that ends with the process. */
export function createMemoryStore(options: MemoryStoreOptions = {}): Store {
  const { clock = systemClock, maxHistoryBytes = defaultMaxHistoryBytes } = options
  const state = new Mvcc()
  const hub = new WatchHub(state.revision, (after) => state.batchesAfter(after))
  const expiries = new ExpiryQueue(clock, (versions) => {
    for (const { key, modRevision } of versions) {
      commit({ compares: [{ key, modRevision }], operations: [{ type: 'delete', key }] })
    }
  })
  let closed = false
  const open = () => {
    if (closed) throw new StoreUnavailable('the store is closed')
    return state
  }

  function commit(transaction: Transaction): TransactionResult {
    const decided = evaluate(transaction, state, clock.now())
    if ('failed' in decided) return { succeeded: false, revision: state.revision, entries: decided.failed }
    const { batch } = decided
    if (batch.events.length === 0) return { succeeded: true, revision: state.revision }
    state.apply(batch)
    if (state.pastBytes > maxHistoryBytes) state.compact(state.revisionWithin(maxHistoryBytes * 0.75))
    for (const event of batch.events) if (event.type === 'put') expiries.add(event.entry)
    hub.publish(batch)
    return { succeeded: true, revision: batch.revision }
  }

  return {
    durable: false,
    shared: false,
    revision: async () => open().revision,
    get: async (key, { at }: { at?: number } = {}) => ({
      entry: open().get(key, at),
      revision: at ?? state.revision,
    }),
    list: async (prefix: string, list?: ListOptions) => open().list(prefix, list),
    count: async (prefix) => open().count(prefix),
    transact: async (transaction) => {
      open()
      return commit(transaction)
    },
    watch: (prefix: string, after: number, watcher: Watcher) => {
      open()
      return hub.watch(prefix, after, watcher)
    },
    compact: async (revision) => {
      open().compact(revision)
    },
    size: async () => open().bytes,
    close: async () => {
      if (closed) return
      closed = true
      expiries.stop()
      hub.end(new StoreUnavailable('the store is closed'))
    },
  }
}
