import type { Answer } from '../answer.ts'
import type { MediaType } from '../negotiation/media-type.ts'
import { encodeAnswer, type Encoded } from './encode-answer.ts'
import type { Exchange, HeaderMap } from './exchange.ts'
import type { RequestMetrics } from './request-metrics.ts'
import { acceptsGzip, gzipChunks, gzipThresholdBytes, gzipWhole } from './gzip.ts'
import type { WriteRounds } from './write-rounds.ts'
import { writeWatch } from './write-watch.ts'

export interface Writing {
  readonly exchange: Exchange
  readonly mediaType: MediaType
  readonly pretty: boolean
  readonly headers: HeaderMap
  /** The rounds in which watches write. */
  readonly rounds: WriteRounds
  /** Absent: what watches send is not counted. */
  readonly metrics?: RequestMetrics
}

/** Encodes an answer and sends it. Resolves when it has been handed over (watches: when they have ended). */
export async function writeAnswer(answer: Answer, writing: Writing): Promise<void> {
  const { exchange, headers, mediaType, pretty } = writing
  switch (answer.type) {
    case 'raw':
      await writeRaw(
        answer.code,
        { ...headers, 'content-type': answer.contentType, ...answer.headers },
        answer.body,
        exchange,
      )
      return
    case 'watch':
      await writeWatch(answer, writing)
      return
    case 'connect':
      await answer.serve(exchange)
      return
    case 'object':
      if (answer.plain !== undefined) {
        const plain = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }
        await writeRaw(answer.code, { ...headers, ...plain }, answer.plain, exchange)
        return
      }
      await writeEncoded(answer.code, await encodeAnswer(answer, mediaType, pretty), writing)
      return
    default:
      await writeEncoded(answer.code, await encodeAnswer(answer, mediaType, pretty), writing)
  }
}

async function writeRaw(
  code: number,
  headers: HeaderMap,
  body: Uint8Array | string,
  exchange: Exchange,
): Promise<void> {
  if (
    body.length < gzipThresholdBytes ||
    headers['content-encoding'] !== undefined ||
    !acceptsGzip(exchange.headers['accept-encoding'])
  ) {
    exchange.respond(code, headers, body)
    return
  }
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  exchange.respond(code, gzipped(headers), await gzipWhole(bytes))
}

async function writeEncoded(code: number, { contentType, chunks }: Encoded, writing: Writing): Promise<void> {
  const { exchange } = writing
  const headers = { ...writing.headers, 'content-type': contentType }
  const first = chunks.next().value as Uint8Array
  const second = chunks.next()
  const compress = acceptsGzip(exchange.headers['accept-encoding'])
  if (second.done) {
    if (!compress || first.byteLength < gzipThresholdBytes) exchange.respond(code, headers, first)
    else exchange.respond(code, gzipped(headers), await gzipWhole(first))
    return
  }
  const sink = exchange.stream(code, compress ? gzipped(headers) : headers)
  const all = resumed(first, second.value, chunks)
  if (compress) await gzipChunks(all, sink)
  else {
    for (const chunk of all) {
      sink.write(chunk)
      await sink.drained()
      if (sink.writable.destroyed) return
    }
  }
  sink.end()
}

function* resumed(first: Uint8Array, second: Uint8Array, rest: Iterator<Uint8Array>): Generator<Uint8Array> {
  yield first
  yield second
  for (let next = rest.next(); !next.done; next = rest.next()) yield next.value
}

function gzipped(headers: HeaderMap): HeaderMap {
  return { ...headers, 'content-encoding': 'gzip', vary: 'Accept-Encoding' }
}
