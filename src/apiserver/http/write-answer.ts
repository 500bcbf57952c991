import type { Answer } from '../answer.ts'
import { encodeAnswer, type Encoded } from './encode-answer.ts'
import type { AnswerHeaders, Exchange } from './exchange.ts'
import { acceptsGzip, gzipChunks, gzipThresholdBytes, gzipWhole } from './gzip.ts'
import { writeWatch } from './write-watch.ts'
import type { Writing } from './writing.ts'

/**
 * Encodes an answer and sends it. Resolves with the bytes of its body when it has been handed over (watches and
 * connections: with 0 when they have ended).
 */
export async function writeAnswer(answer: Answer, writing: Writing): Promise<number> {
  const { exchange, headers, mediaType, pretty } = writing
  switch (answer.type) {
    case 'raw':
      return writeRaw(
        answer.code,
        { ...headers, 'content-type': answer.contentType, ...answer.headers },
        answer.body,
        exchange,
        writing.compresses && answer.compressed,
      )
    case 'watch':
      await writeWatch(answer, writing)
      return 0
    case 'connect':
      exchange.inherit(headers)
      await answer.serve(exchange)
      return 0
    case 'object':
      if (answer.plain !== undefined) {
        const plain = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }
        return writeRaw(answer.code, { ...headers, ...plain }, answer.plain, exchange)
      }
      return writeEncoded(answer.code, await encodeAnswer(answer, mediaType, pretty), {
        ...writing,
        headers: { ...headers, ...answer.headers },
      })
    default:
      return writeEncoded(answer.code, await encodeAnswer(answer, mediaType, pretty), writing)
  }
}

async function writeRaw(
  code: number,
  headers: AnswerHeaders,
  body: Uint8Array | string,
  exchange: Exchange,
  compressed = false,
): Promise<number> {
  if (
    !compressed ||
    body.length <= gzipThresholdBytes ||
    headers['content-encoding'] !== undefined ||
    !acceptsGzip(exchange.headers['accept-encoding'])
  ) {
    exchange.respond(code, headers, body)
    return typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength
  }
  const zipped = await gzipWhole(typeof body === 'string' ? Buffer.from(body) : body)
  exchange.respond(code, { ...headers, 'content-encoding': 'gzip' }, zipped)
  return zipped.byteLength
}

async function writeEncoded(code: number, { contentType, chunks }: Encoded, writing: Writing): Promise<number> {
  const { exchange } = writing
  const headers = { ...writing.headers, 'content-type': contentType }
  const first = chunks.next().value as Uint8Array
  const second = chunks.next()
  const compress = writing.compresses && acceptsGzip(exchange.headers['accept-encoding'])
  if (second.done) {
    const zipped = compress && first.byteLength > gzipThresholdBytes ? await gzipWhole(first) : undefined
    exchange.respond(code, zipped === undefined ? headers : gzipped(headers), zipped ?? first)
    return (zipped ?? first).byteLength
  }
  const sink = exchange.stream(code, compress ? gzipped(headers) : headers)
  const all = resumed(first, second.value, chunks)
  let sentBytes = 0
  if (compress) sentBytes = await gzipChunks(all, sink)
  else {
    for (const chunk of all) {
      sentBytes += chunk.byteLength
      await sink.send(chunk)
      if (sink.writable.destroyed) return sentBytes
    }
  }
  sink.end()
  return sentBytes
}

function* resumed(first: Uint8Array, second: Uint8Array, rest: Iterator<Uint8Array>): Generator<Uint8Array> {
  yield first
  yield second
  for (let next = rest.next(); !next.done; next = rest.next()) yield next.value
}

function gzipped(headers: AnswerHeaders): AnswerHeaders {
  return { ...headers, 'content-encoding': 'gzip', vary: 'Accept-Encoding' }
}
