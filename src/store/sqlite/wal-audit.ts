/**
 * Tells a write-ahead log with a torn end from a damaged one. SQLite itself stops reading at the first frame that is
 * not whole, which is right for the last transaction (it was never acknowledged) and silently loses data for any
 * earlier one. Every transaction is synced before the next begins, hence: a broken frame with a commit frame of the
 * same generation behind it, and more frames behind that, lies in a transaction that was acknowledged.
 * Format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
 */
export type WalState =
  | { readonly state: 'whole' }
  /** The last, unacknowledged transaction is incomplete. */
  | { readonly state: 'torn' }
  | { readonly state: 'damaged'; readonly at: number }

const headerBytes = 32
const frameHeaderBytes = 24

export function auditWal(wal: Uint8Array): WalState {
  if (wal.byteLength < headerBytes || wal.subarray(0, headerBytes).every((byte) => byte === 0))
    return { state: 'whole' }
  const view = new DataView(wal.buffer, wal.byteOffset, wal.byteLength)
  const magic = view.getUint32(0)
  if (magic !== 0x377f0682 && magic !== 0x377f0683) return { state: 'damaged', at: 0 }
  const littleEndian = magic === 0x377f0682
  const sum: [number, number] = [0, 0]
  addTo(sum, view, 0, 24, littleEndian)
  if (sum[0] !== view.getUint32(24) || sum[1] !== view.getUint32(28)) return { state: 'damaged', at: 0 }
  const frameBytes = frameHeaderBytes + view.getUint32(8)
  const sameGeneration = (at: number) =>
    view.getUint32(at + 8) === view.getUint32(16) && view.getUint32(at + 12) === view.getUint32(20)

  let at = headerBytes
  for (; at + frameBytes <= wal.byteLength; at += frameBytes) {
    if (!sameGeneration(at)) break
    addTo(sum, view, at, 8, littleEndian)
    addTo(sum, view, at + frameHeaderBytes, frameBytes - frameHeaderBytes, littleEndian)
    if (sum[0] !== view.getUint32(at + 16) || sum[1] !== view.getUint32(at + 20)) break
  }
  if (at + frameBytes > wal.byteLength) return { state: at === wal.byteLength ? 'whole' : 'torn' }
  // Frames of the generation before may follow the end: the file is reused without being cut.
  let committed = false
  let torn = sameGeneration(at)
  for (let next = at + frameBytes; next + frameBytes <= wal.byteLength; next += frameBytes) {
    if (!sameGeneration(next)) continue
    if (committed) return { state: 'damaged', at }
    torn = true
    committed = view.getUint32(next + 4) !== 0
  }
  return { state: torn ? 'torn' : 'whole' }
}

function addTo(sum: [number, number], view: DataView, from: number, length: number, littleEndian: boolean): void {
  let [a, b] = sum
  for (let at = from; at < from + length; at += 8) {
    a = (a + view.getUint32(at, littleEndian) + b) >>> 0
    b = (b + view.getUint32(at + 4, littleEndian) + a) >>> 0
  }
  sum[0] = a
  sum[1] = b
}
