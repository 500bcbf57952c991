import { sortMembers } from '../../machinery/json.ts'
import { apiVersionOf } from '../../machinery/meta/object.ts'
import type { ListAnswer } from '../answer.ts'

const chunkBytes = 128 * 1024
const comma = 0x2c
/** A comma, and the version that is spliced in. */
const itemExtraBytes = 48

/**
 * The JSON of a list, made from the stored bytes of its items, in chunks: an answer of any size needs little memory, for two
 * buffers take turns. Items of built-in kinds carry no kind and apiVersion inside their list, as upstream's typed lists do
 * not.
 */
export function* encodeList(answer: ListAnswer): Generator<Uint8Array> {
  const { definition, metadata, items } = answer
  const { listKind: kind, protobuf } = definition
  const apiVersion = apiVersionOf(definition)
  // Lists of custom resources are written from Go's maps, in the order of their keys.
  const head = protobuf ? { kind, apiVersion, metadata } : { apiVersion }
  const tail = protobuf ? ']}\n' : `],${JSON.stringify({ kind, metadata: sortMembers(metadata) }).slice(1)}\n`
  const beginning = `${JSON.stringify(head).slice(0, -1)},"items":[`
  let chunk: Buffer = Buffer.allocUnsafe(firstBytes(beginning + tail, items))
  let spare: Buffer | undefined
  let at = chunk.write(beginning)
  for (const [index, item] of items.entries()) {
    const { value, at: spliceAt, metadataAt, splice } = item.spliced()
    const from = definition.protobuf ? metadataAt : 0
    const needed = value.byteLength - from + splice.length + 3
    if (at + needed > chunk.byteLength) {
      if (at > 0) yield chunk.subarray(0, at)
      const next =
        spare !== undefined && spare.byteLength >= needed ? spare : Buffer.allocUnsafe(Math.max(chunkBytes, needed))
      spare = chunk
      chunk = next
      at = 0
    }
    if (index > 0) chunk[at++] = comma
    if (from > 0) chunk[at++] = 0x7b
    at += value.copy(chunk, at, from, spliceAt)
    at += chunk.write(splice, at, 'latin1')
    at += value.copy(chunk, at, spliceAt)
  }
  const tailBytes = Buffer.byteLength(tail)
  if (at + tailBytes > chunk.byteLength) {
    yield chunk.subarray(0, at)
    chunk = Buffer.allocUnsafe(tailBytes)
    at = 0
  }
  at += chunk.write(tail, at)
  yield chunk.subarray(0, at)
}

/** Room for the whole answer, or for a chunk of it. */
function firstBytes(beginning: string, items: ListAnswer['items']): number {
  let bytes = 3 * beginning.length + itemExtraBytes
  for (const item of items) {
    bytes += item.byteLength + itemExtraBytes
    if (bytes >= chunkBytes) return chunkBytes
  }
  return bytes
}
