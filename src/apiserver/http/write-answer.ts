import type { Answer, WatchAnswer, WatchSink } from '../answer.ts'
import type { StoredObject } from '../cache/stored-object.ts'
import type { MediaType } from '../negotiation/media-type.ts'
import { encodeList } from './encode-list.ts'
import type { ByteSink, Exchange, HeaderMap } from './exchange.ts'
import { watchEncoder } from './watch-encoder.ts'

export interface Writing {
  readonly exchange: Exchange
  readonly mediaType: MediaType
  readonly pretty: boolean
  readonly headers: HeaderMap
}

/** Encodes an answer and sends it. Resolves when it has been handed over (watches: when they have ended). */
export async function writeAnswer(answer: Answer, writing: Writing): Promise<void> {
  const { exchange, headers } = writing
  switch (answer.type) {
    case 'raw':
      exchange.respond(
        answer.code,
        { ...headers, 'content-type': answer.contentType, ...answer.headers },
        answer.body,
      )
      return
    case 'object':
      respondJson(answer.code, answer.object, writing)
      return
    case 'stored':
      if (writing.pretty) respondJson(answer.code, answer.object.object, writing)
      else exchange.respond(answer.code, { ...headers, 'content-type': 'application/json' }, line(answer.object))
      return
    case 'list':
      await writeList(encodeList(answer), answer.code, writing)
      return
    case 'watch':
      await writeWatch(answer, writing)
      return
    case 'connect':
      await answer.serve(exchange)
  }
}

function respondJson(code: number, object: object, { exchange, headers, pretty }: Writing): void {
  const text = JSON.stringify(object, null, pretty ? 2 : undefined)
  exchange.respond(code, { ...headers, 'content-type': 'application/json' }, `${text}\n`)
}

function line(object: StoredObject): Uint8Array {
  const { value, at, splice } = object.spliced()
  const out = Buffer.allocUnsafe(value.byteLength + splice.length + 1)
  out.set(value.subarray(0, at))
  const end = at + out.write(splice, at, 'latin1')
  out.set(value.subarray(at), end)
  out[out.byteLength - 1] = 0x0a
  return out
}

async function writeList(chunks: Iterator<Uint8Array>, code: number, writing: Writing): Promise<void> {
  const { exchange } = writing
  const headers = { ...writing.headers, 'content-type': 'application/json' }
  const first = chunks.next().value as Uint8Array
  let next = chunks.next()
  if (next.done) {
    exchange.respond(code, headers, first)
    return
  }
  const sink = exchange.stream(code, headers)
  sink.write(first)
  for (; !next.done; next = chunks.next()) {
    sink.write(next.value)
    await sink.drained()
    if (sink.writable.destroyed) return
  }
  sink.end()
}

function writeWatch(answer: WatchAnswer, { exchange, headers, mediaType }: Writing): Promise<void> {
  const bytes = exchange.stream(200, { ...headers, 'content-type': 'application/json' })
  const encode = watchEncoder(answer, mediaType)
  return new Promise((resolve) => {
    let stop = () => {}
    const sink = new HttpWatchSink(bytes, encode)
    bytes.writable.once('close', () => {
      stop()
      resolve()
    })
    stop = answer.open(sink)
    if (bytes.writable.destroyed) stop()
  })
}

class HttpWatchSink implements WatchSink {
  readonly #bytes: ByteSink
  readonly #encode: (notice: Parameters<WatchSink['notices']>[0][number]) => Uint8Array

  constructor(bytes: ByteSink, encode: (notice: Parameters<WatchSink['notices']>[0][number]) => Uint8Array) {
    this.#bytes = bytes
    this.#encode = encode
  }
  get backlog(): number {
    return this.#bytes.pendingBytes
  }
  notices(notices: Parameters<WatchSink['notices']>[0]): void {
    if (notices.length === 1) {
      this.#bytes.write(this.#encode(notices[0]!))
      return
    }
    let parts: Uint8Array[] = []
    let length = 0
    for (const notice of notices) {
      const frame = this.#encode(notice)
      parts.push(frame)
      length += frame.byteLength
      if (length < 64 * 1024) continue
      this.#bytes.write(Buffer.concat(parts, length))
      parts = []
      length = 0
    }
    if (length > 0) this.#bytes.write(Buffer.concat(parts, length))
  }
  error(status: object): void {
    this.#bytes.write(Buffer.from(`${JSON.stringify({ type: 'ERROR', object: status })}\n`))
    this.#bytes.end()
  }
  end(): void {
    this.#bytes.end()
  }
}
