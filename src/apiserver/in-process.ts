import { warningHeaders } from './http/warning-header.ts'
import type { UserInfo } from '../api/user.ts'
import type { ApiRequest, Transport, WatchEvent } from '../client/transport.ts'
import { ApiError, badRequest, type Status } from '../machinery/errors.ts'
import { apiVersionOf } from '../machinery/meta/object.ts'
import type { Answer, WatchAnswer, WatchSink } from './answer.ts'
import type { WatchNotice } from './cache/watch-event.ts'
import { bookmarkObject } from './http/watch-encoder.ts'
import type { Pipeline } from './pipeline.ts'
import type { RequestBody, ServerRequest } from './request.ts'
import { endRequestSpan } from './tracing/request-span.ts'
import { parseTarget } from './routing/path.ts'
import { Query } from './routing/query.ts'
import { parseRequestInfo, type RequestInfo } from './routing/request-info.ts'

const never = new AbortController().signal

/** Counts requests that come over no wire. The result is called with the code of the answer; watches have then begun. */
export interface InProcessMetrics {
  begin(info: RequestInfo, request: ServerRequest, user: UserInfo): (code: number) => void
}

/**
 * The way of components in this process to the API: the same pipeline, authorized as `user`, without encoding. Objects are
 * handed over frozen and shared.
 */
export function inProcessTransport(
  pipeline: Pipeline,
  user: UserInfo,
  userAgent: string,
  metrics: InProcessMetrics,
): Transport {
  const call = async (
    request: ApiRequest,
    extra: Record<string, string>,
  ): Promise<{ answer: Answer; warnings: ReadonlySet<string> }> => {
    request.signal?.throwIfAborted()
    const asked = serverRequest(request, user, userAgent, extra)
    const info = parseRequestInfo(asked.method, asked.path, asked.segments, asked.query)
    const ended = metrics.begin(info, asked, user)
    const { answer, warnings, span } = await pipeline.handle(asked, info)
    ended(codeOf(answer))
    if (span !== undefined) endRequestSpan(span, codeOf(answer))
    if (answer.type === 'object' && answer.code >= 400) throw new ApiError(answer.object as Status)
    return { answer, warnings }
  }
  return {
    async request(request) {
      const { answer, warnings } = await call(request, {})
      return { status: codeOf(answer), headers: headersOf(warnings), body: bodyOf(answer) }
    },
    async watch(request) {
      const { answer } = await call(request, { watch: 'true' })
      if (answer.type !== 'watch') throw badRequest('the server did not start a watch')
      return new WatchIterable(answer, request.signal)
    },
    async close() {},
  }
}

function serverRequest(
  request: ApiRequest,
  user: UserInfo,
  userAgent: string,
  extra: Record<string, string>,
): ServerRequest {
  const target = parseTarget(request.path)
  const query = Query.from({ ...request.query, ...extra })
  const bytes = request.body instanceof Uint8Array || typeof request.body === 'string'
  const body: RequestBody = bytes
    ? {
        type: 'bytes',
        bytes: typeof request.body === 'string' ? Buffer.from(request.body) : (request.body as Uint8Array),
      }
    : { type: 'object', object: request.body }
  return {
    method: request.method,
    path: target.path,
    segments: target.segments,
    rawSegments: target.rawSegments,
    query,
    headers: { accept: request.accept, 'content-type': request.contentType, 'user-agent': userAgent },
    remoteAddress: '',
    user,
    body: () => body,
    signal: request.signal ?? never,
  }
}

function codeOf(answer: Answer): number {
  return 'code' in answer ? answer.code : 200
}

function headersOf(warnings: ReadonlySet<string>): Record<string, string> {
  const warning = warningHeaders(warnings).join(', ')
  return warning === '' ? {} : { warning }
}

function bodyOf(answer: Answer): unknown {
  switch (answer.type) {
    case 'object':
      return answer.object
    case 'stored':
      return answer.object.object
    case 'list': {
      const { definition, metadata, items } = answer
      const objects = items.map((item) => item.object)
      return Object.freeze({
        kind: definition.listKind,
        apiVersion: apiVersionOf(definition),
        metadata: Object.freeze(metadata),
        items: Object.freeze(objects),
      })
    }
    case 'raw': {
      const text = typeof answer.body === 'string' ? answer.body : Buffer.from(answer.body).toString('utf8')
      return answer.contentType?.startsWith('application/json') === true && text !== '' ? JSON.parse(text) : text
    }
    default:
      throw badRequest('this request needs a connection')
  }
}

/** Events of one watch, handed over without a copy. */
class WatchIterable implements AsyncIterable<WatchEvent>, WatchSink {
  readonly #answer: WatchAnswer
  readonly #signal: AbortSignal | undefined
  #queue: WatchEvent[] = []
  #wake: (() => void) | undefined
  #ended = false
  #stop: () => void = () => {}
  #first = true

  constructor(answer: WatchAnswer, signal: AbortSignal | undefined) {
    this.#answer = answer
    this.#signal = signal
    // Subscribed at once: nothing that happens before the first iteration is missed.
    this.#stop = answer.open(this)
    if (signal?.aborted) this.#close()
    else signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  get backlog(): number {
    // In events; the bound is in bytes, an event counts as one kilobyte.
    return this.#queue.length * 1024
  }

  notice(notice: WatchNotice): void {
    if (notice.type === 'BOOKMARK') {
      const object = bookmarkObject(this.#answer, notice.revision, notice.initialEventsEnd)
      this.#queue.push({ type: 'BOOKMARK', object })
    } else {
      const { convert } = this.#answer
      const object = convert === undefined ? notice.object.object : convert.apply(notice.object, this.#first)
      this.#first = false
      this.#queue.push({ type: notice.type, object })
    }
    this.#wake?.()
  }
  error(status: object): void {
    this.#queue.push({ type: 'ERROR', object: status })
    this.end()
  }
  end(): void {
    this.#ended = true
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncIterator<WatchEvent> {
    try {
      for (;;) {
        const batch = this.#queue
        this.#queue = []
        for (const event of batch) {
          if (this.#signal?.aborted) return
          yield event
        }
        if (this.#queue.length > 0) continue
        if (this.#ended) return
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        this.#wake = undefined
      }
    } finally {
      this.#close()
    }
  }

  readonly #onAbort = () => this.#close()

  #close(): void {
    this.#stop()
    this.#queue = []
    this.end()
  }
}
