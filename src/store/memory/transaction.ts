import type { Compare, Entry, Operation, Transaction } from '../store.ts'

/** An entry as an engine keeps it. */
export interface Version extends Entry {
  /** Counts operations since the store began; names the version's row on disk. */
  readonly sequence: number
  /** Epoch milliseconds. */
  readonly expiresAt?: number
}

/** A StoreEvent of versions. */
export type VersionEvent =
  | { readonly type: 'put'; readonly entry: Version; readonly previous?: Version }
  | {
      readonly type: 'delete'
      readonly key: string
      readonly revision: number
      readonly sequence: number
      readonly previous: Version
    }

/** What one transaction changed, at one revision. */
export interface Batch {
  readonly revision: number
  readonly events: readonly VersionEvent[]
}

/** The state that a transaction meets: the newest one, whether durable yet or not. */
export interface Present {
  readonly revision: number
  readonly sequence: number
  current(key: string): Version | undefined
}

/**
 * Decides a transaction against the present state, without changing it. A batch without events: every compare holds,
 * but nothing changes (a deletion of what is not there), so the revision stays.
 */
export function evaluate(
  transaction: Transaction,
  present: Present,
  now: number,
): { readonly failed: readonly (Version | undefined)[] } | { readonly batch: Batch } {
  if (!transaction.compares.every((compare) => holds(compare, present))) {
    return { failed: transaction.compares.map(({ key }) => present.current(key)) }
  }
  refuseDuplicates(transaction.operations)
  const revision = present.revision + 1
  let sequence = present.sequence
  const events: VersionEvent[] = []
  for (const operation of transaction.operations) {
    const previous = present.current(operation.key)
    if (operation.type === 'delete') {
      if (previous) events.push({ type: 'delete', key: operation.key, revision, sequence: ++sequence, previous })
      continue
    }
    const { key, value, attachment, ttlSeconds } = operation
    const entry: Version = {
      key,
      value,
      createRevision: previous?.createRevision ?? revision,
      modRevision: revision,
      attachment,
      sequence: ++sequence,
      expiresAt: ttlSeconds === undefined ? undefined : now + ttlSeconds * 1000,
    }
    events.push({ type: 'put', entry, previous })
  }
  return { batch: { revision, events } }
}

function holds(compare: Compare, present: Present): boolean {
  return (present.current(compare.key)?.modRevision ?? 0) === compare.modRevision
}

export function refuseDuplicates(operations: readonly Operation[]): void {
  if (operations.length < 2) return
  if (new Set(operations.map(({ key }) => key)).size < operations.length) {
    throw new RangeError('a transaction names each key at most once')
  }
}
