import type { RowBatch } from './row-batch.ts'
import type { Row } from './row.ts'

/** What the store and the thread that owns the database say to each other. */

export type Request =
  /** `announces`: from now on rows may be seen before they are committed. */
  | { readonly type: 'commit'; readonly rows: readonly Row[]; readonly announces: boolean }
  /** Deletes the rows of these sequences; the history before `revision` is forgotten. */
  | { readonly type: 'compact'; readonly revision: number; readonly sequences: Float64Array }
  /** `isWhole`: all rows that were seen are committed. */
  | { readonly type: 'close'; readonly isWhole: boolean }

export type Reply =
  /** The newest come first. */
  | { readonly type: 'rows'; readonly batch: RowBatch }
  | { readonly type: 'opened'; readonly compactRevision: number }
  /** The folder cannot be used; the message says what to do. */
  | { readonly type: 'refused'; readonly message: string }
  | { readonly type: 'done' }
  /** Nothing of the request was done. Later requests may succeed unless it is fatal. */
  | { readonly type: 'failed'; readonly message: string; readonly fatal: boolean }
  | { readonly type: 'closed' }
