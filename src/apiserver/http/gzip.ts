import { constants, createGzip, gzip } from 'node:zlib'
import type { ByteSink } from './exchange.ts'

/** Larger answers are compressed, quickly, off the event loop (upstream: responsewriters/writers.go). */
export const gzipThresholdBytes = 128 * 1024
const level = constants.Z_BEST_SPEED

/** Upstream looks for the bare word only (negotiateContentEncoding). */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  return acceptEncoding?.split(',').some((part) => part.trim() === 'gzip') === true
}

export function gzipWhole(bytes: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    gzip(bytes, { level }, (error, result) => (error === null ? resolve(result) : reject(error)))
  })
}

/** Compresses chunks on their way into a sink, no faster than the reader takes them. Resolves with the bytes that it took. */
export async function gzipChunks(chunks: Iterable<Uint8Array>, sink: ByteSink): Promise<number> {
  const stream = createGzip({ level, chunkSize: 64 * 1024 })
  let sentBytes = 0
  stream.on('data', (chunk: Buffer) => {
    sink.write(chunk)
    sentBytes += chunk.byteLength
    if (!sink.writable.writableNeedDrain) return
    stream.pause()
    void sink.drained().then(() => stream.resume())
  })
  const finished = new Promise<void>((resolve, reject) => {
    stream.on('end', resolve)
    stream.on('error', reject)
    sink.writable.once('close', resolve)
  })
  for (const chunk of chunks) {
    if (sink.writable.destroyed) break
    // Not before it has been read may the chunk become the next but one.
    await Promise.race([new Promise<void>((resolve) => stream.write(chunk, () => resolve())), finished])
  }
  stream.end()
  await finished
  if (sink.writable.destroyed) stream.destroy()
  return sentBytes
}
