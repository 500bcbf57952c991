/** Row numbers count operations, so that rows lie in the order in which they were written. */
export type Row = readonly [
  sequence: number,
  revision: number,
  createRevision: number,
  key: string,
  /** null: the key was deleted. */
  value: Uint8Array | null,
  /** Epoch milliseconds; null: never. */
  expiresAt: number | null,
]
