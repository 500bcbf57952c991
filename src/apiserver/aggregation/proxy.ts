import type { IncomingMessage } from 'node:http'
import { isObject } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { ResourceDefinition } from '../../api/definition.ts'
import type { Answer, RawAnswer, WatchAnswer, WatchSink } from '../answer.ts'
import { StoredObject } from '../cache/stored-object.ts'
import { forwardUpgrade } from '../connect/forward-upgrade.ts'
import { relayAnswer } from '../connect/forward.ts'
import { outgoingTrace } from '../../machinery/tracing/trace-context.ts'
import { answeredHeaders, forwardedHeaders } from '../connect/proxy-headers.ts'
import type { Exchange } from '../http/exchange.ts'
import type { RequestContext } from '../request-context.ts'
import { bodyOf, userHeaders, type RemoteApi } from './remote-api.ts'

const plain = (code: number, text: string): RawAnswer => ({
  type: 'raw',
  code,
  contentType: 'text/plain; charset=utf-8',
  headers: { 'x-content-type-options': 'nosniff' },
  body: `${text}\n`,
})
const redirected = 'the backend attempted to redirect this request, which is not permitted'

/** Hands a request on to the server of the group version (kube-aggregator pkg/apiserver/handler_proxy.go). */
export function proxyTo(api: RemoteApi, context: RequestContext): Answer | Promise<Answer> {
  if (!api.available) return plain(503, 'service unavailable')
  try {
    api.target('/')
  } catch {
    return plain(503, 'service unavailable')
  }
  const { exchange } = context.request
  return exchange === undefined
    ? fromHere(api, context)
    : { type: 'connect', serve: () => forward(api, exchange, context) }
}

async function forward(api: RemoteApi, exchange: Exchange, { user }: RequestContext): Promise<void> {
  if (exchange.upgrade) {
    await forwardUpgrade(exchange, api.target(exchange.target), userHeaders(user))
    return
  }
  const { method, target, signal } = exchange
  const bodiless = method === 'GET' || method === 'HEAD'
  const send = ({ code, contentType, headers, body }: RawAnswer) =>
    exchange.respond(code, { 'content-type': contentType, ...headers }, body)
  const answer = await api
    .ask({
      method,
      target,
      headers: {
        ...forwardedHeaders(exchange.headers, exchange.remoteAddress),
        ...outgoingTrace(exchange.headers),
        'x-forwarded-host': exchange.headers['host'] ?? exchange.headers[':authority'] ?? '',
        'x-forwarded-proto': 'https',
        'x-forwarded-uri': target.split('?')[0]!,
      },
      user,
      body: bodiless ? undefined : exchange.readable,
      signal,
    })
    .catch((error: unknown) => {
      send(plain(503, error instanceof Error ? error.message : String(error)))
      return undefined
    })
  if (answer === undefined) return
  if (redirects(answer)) {
    answer.destroy()
    return send(plain(502, redirected))
  }
  await relayAnswer(exchange, answer, answeredHeaders(answer.headers))
}

/** For components in this process: the answer is read as a whole, and a watch's events as they come. */
async function fromHere(api: RemoteApi, { request, user }: RequestContext): Promise<Answer> {
  const { query, method } = request
  const search = new URLSearchParams()
  for (const [name, values] of query.entries()) for (const value of values) search.append(name, value)
  const text = search.toString()
  const sent = await request.body()
  const bytes =
    sent.type === 'bytes'
      ? sent.bytes
      : sent.object === undefined
        ? undefined
        : Buffer.from(JSON.stringify(sent.object))
  const contentType = request.headers['content-type'] ?? (bytes === undefined ? undefined : 'application/json')
  const watches = query.get('watch') === 'true'
  // A watch outlives its request; it ends when its reader does.
  const ended = new AbortController()
  request.signal.addEventListener('abort', () => ended.abort(), { once: true })
  const answer = await api.ask({
    method,
    target: `${request.path}${text && `?${text}`}`,
    headers: {
      accept: 'application/json',
      'user-agent': request.headers['user-agent'] ?? 'skiff',
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
    },
    user,
    body: bytes === undefined || bytes.byteLength === 0 ? undefined : bytes,
    signal: ended.signal,
  })
  const code = answer.statusCode ?? 502
  if (watches && code === 200) return watchOf(answer, () => ended.abort())
  const body = await bodyOf(answer)
  if (redirects(answer)) return failure(502, redirected)
  if (code < 400) return { type: 'raw', code, contentType: answer.headers['content-type'] ?? '', body }
  return failure(code, body.toString('utf8').trim())
}

const redirects = ({ statusCode = 502, headers }: IncomingMessage): boolean =>
  statusCode >= 300 && statusCode <= 399 && headers.location !== undefined

/** What another server says went wrong: a Status, or what it wrote instead. */
function failure(code: number, text: string): Answer {
  let status: unknown
  try {
    status = JSON.parse(text)
  } catch {
    // A proxy on the way, or nothing at all.
  }
  if (isObject(status) && status['kind'] === 'Status') return { type: 'object', code, object: status }
  const object = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code, message: text }
  return { type: 'object', code, object }
}

function watchOf(answer: AsyncIterable<Buffer>, stop: () => void): WatchAnswer {
  return {
    type: 'watch',
    definition: { protobuf: false } as ResourceDefinition,
    convert: undefined,
    open(sink) {
      void readEvents(answer, sink).finally(() => sink.end())
      return stop
    },
  }
}

async function readEvents(answer: AsyncIterable<Buffer>, sink: WatchSink): Promise<void> {
  let rest = ''
  const decoder = new TextDecoder()
  try {
    for await (const chunk of answer) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line.trim() !== '') tell(JSON.parse(line), sink)
    }
  } catch {
    // The connection is gone; who watches begins again.
  }
}

function tell(event: unknown, sink: WatchSink): void {
  const { type, object } = event as { type: string; object: KubeObject }
  if (type === 'ERROR') return sink.error(object)
  if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED') return
  const { name = '', namespace = '', resourceVersion } = object.metadata
  const stored = StoredObject.encode(namespace ? `${namespace}/${name}` : name, object, Number(resourceVersion) || 0, 0)
  sink.notice({ type, object: stored })
}
