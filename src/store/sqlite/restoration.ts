import { Mvcc } from '../memory/mvcc.ts'
import type { Batch, Version, VersionEvent } from '../memory/transaction.ts'
import { StoreUnavailable } from '../store.ts'
import type { Row } from './row.ts'

/** Builds the state in memory from the rows on disk; refuses rows that cannot be the whole truth. */
export class Restoration {
  readonly #folder: string
  readonly #rows: Row[] = []

  constructor(folder: string) {
    this.#folder = folder
  }

  /** The newest row comes first. */
  add(row: Row): void {
    this.#rows.push(row)
  }

  /** `dead`: sequences of rows that a compaction was about to delete. */
  finish(compactRevision: number): { state: Mvcc; dead: number[]; expiring: Version[] } {
    const rows = this.#rows.reverse()
    const dead: number[] = []
    const base = new Map<string, Version>()
    let next = 0
    for (; next < rows.length && rows[next]![1] <= compactRevision; next++) {
      const row = rows[next]!
      const older = base.get(row[3])
      if (older) dead.push(older.sequence)
      if (row[4] === null) {
        dead.push(row[0])
        base.delete(row[3])
      } else base.set(row[3], versionOf(row, row[4]))
    }
    const state = new Mvcc(compactRevision, base.values(), rows[next - 1]?.[0])
    let batch: Row[] = []
    const flush = () => {
      if (batch.length > 0) state.apply(this.#batchOf(batch, state))
      batch = []
    }
    for (; next < rows.length; next++) {
      const row = rows[next]!
      if (batch.length > 0 && batch[0]![1] !== row[1]) flush()
      batch.push(row)
    }
    flush()
    const expiring = state.list('').entries.filter((entry) => (entry as Version).expiresAt !== undefined) as Version[]
    return { state, dead, expiring }
  }

  #batchOf(rows: readonly Row[], state: Mvcc): Batch {
    const revision = rows[0]![1]
    if (revision !== state.revision + 1) throw this.#damaged(`revision ${state.revision + 1} is missing`)
    const events = rows.map((row): VersionEvent => {
      const [sequence, , , key, value] = row
      const previous = state.current(key)
      if (value !== null) return { type: 'put', entry: versionOf(row, value), previous }
      if (!previous) throw this.#damaged(`revision ${revision} deletes what is not there`)
      return { type: 'delete', key, revision, sequence, previous }
    })
    return { revision, events }
  }

  #damaged(why: string): StoreUnavailable {
    return new StoreUnavailable(
      `the store in ${this.#folder} is damaged (${why}): restore the folder from a backup, or move it away to start with an empty cluster`,
    )
  }
}

function versionOf(row: Row, value: Uint8Array): Version {
  const [sequence, modRevision, createRevision, key, , expiresAt] = row
  return {
    key,
    value,
    createRevision,
    modRevision,
    attachment: undefined,
    sequence,
    expiresAt: expiresAt ?? undefined,
  }
}
