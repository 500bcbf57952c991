import type { Clock } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import type { Random } from '../../machinery/random.ts'
import { inSpan, type Span, traced } from '../../machinery/tracing/span.ts'
import type { Answer } from '../answer.ts'
import { errorAnswer } from '../error-answer.ts'
import { negotiate, wantsPretty, type Negotiated, type Offer } from '../negotiation/accept.ts'
import { allMediaTypes } from '../negotiation/media-type.ts'
import type { Outcome } from '../pipeline.ts'
import type { ServerRequest } from '../request.ts'
import { parseRequestInfo, type RequestInfo } from '../routing/request-info.ts'
import { endRequestSpan } from '../tracing/request-span.ts'
import type { Lifecycle } from '../lifecycle.ts'
import type { ProtocolOptions } from '../options/protocol-options.ts'
import { crossOriginHeaders } from './cross-origin.ts'
import { deadlineExceeded, deadlineOf } from './deadline.ts'
import type { Exchange } from './exchange.ts'
import { isLongRunning, scopeOf } from './request-kind.ts'
import type { RequestMetrics } from './request-metrics.ts'
import { requestOfExchange } from './request-of-exchange.ts'
import { warningHeaders } from './warning-header.ts'
import { writeAnswer } from './write-answer.ts'
import type { WriteRounds } from './write-rounds.ts'

export interface Serving {
  readonly pipeline: { handle(request: ServerRequest, info: RequestInfo, auditId: string): Promise<Outcome> }
  readonly metrics: RequestMetrics
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly rounds: WriteRounds
  readonly protocol: ProtocolOptions
  readonly lifecycle: Lifecycle
  /** Whether large answers go out with gzip to who takes that (APIResponseCompression). */
  readonly compresses: boolean
}

const offer: Offer = { mediaTypes: allMediaTypes, metadataTypes: allMediaTypes }
/** Refusals are neither tables nor metadata. */
const offerOfRefusal: Offer = { mediaTypes: allMediaTypes, metadataTypes: [] }
/** What upstream writes when it can give the client nothing that it accepts (WriteRawJSON). */
const json: Negotiated = { mediaType: 'application/json', convert: undefined, pretty: true }

/** From the wire through the pipeline and back. Never rejects. */
export async function serveExchange(exchange: Exchange, serving: Serving): Promise<void> {
  const { metrics, clock, random, log } = serving
  // Of the server itself, so that it needs no leave (Go's net/http, globalOptionsHandler).
  if (exchange.target === '*' && exchange.method === 'OPTIONS') return exchange.respond(200, {})
  const auditId = exchange.headers['audit-id'] ?? random.uuid()
  const headers: Record<string, string | string[]> = {
    'audit-id': auditId,
    'cache-control': 'no-cache, private',
  }
  const { protocol, lifecycle } = serving
  const security = protocol.strictTransportSecurity
  if (security !== undefined) headers['strict-transport-security'] = security
  if (lifecycle.refusing && !isExempt(exchange)) {
    exchange.closeAfter()
    await send(tryAgain, exchange, { 'audit-id': auditId }, undefined, serving)
    return
  }
  if (protocol.goawayChance > 0 && exchange.protocol === 'HTTP/2.0' && random.float() < protocol.goawayChance) {
    exchange.closeAfter()
  }
  let request: ServerRequest
  let info: RequestInfo
  try {
    request = requestOfExchange(exchange)
    info = parseRequestInfo(request.method, request.path, request.segments, request.query)
  } catch (error) {
    await send(errorAnswer(error, log, exchange.target), exchange, headers, undefined, serving)
    return
  }
  const longRunning = isLongRunning(info)
  const origin = crossOriginHeaders(exchange.headers, protocol.isAllowedOrigin)
  if (origin !== undefined) {
    Object.assign(headers, origin)
    if (exchange.method === 'OPTIONS') return exchange.respond(204, headers)
  }
  const ended = longRunning ? undefined : lifecycle.begin()
  const contentType = request.headers['content-type']
  const bodyBytes = Number(request.headers['content-length'] ?? 0)
  const finished = metrics.begin(info, request.query, longRunning, contentType, bodyBytes)
  const started = clock.monotonic()
  let code = 200
  let sentBytes: number | undefined
  let span: Span | undefined
  try {
    const outcome = longRunning
      ? await serving.pipeline.handle(request, info, auditId)
      : await inTime(exchange, request, info, auditId, serving)
    const { answer, warnings, classified } = outcome
    span = outcome.span
    code = 'code' in answer ? answer.code : 200
    if (classified !== undefined) {
      headers['x-kubernetes-pf-flowschema-uid'] = classified.flowSchemaUid
      headers['x-kubernetes-pf-prioritylevel-uid'] = classified.priorityLevelUid
    }
    if (outcome.refused) metrics.terminated(info, code, contentType)
    if (warnings.size > 0) headers['warning'] = warningHeaders(warnings)
    const isStatus = answer.type === 'object' && answer.list === undefined
    const { details } = isStatus ? (answer.object as { details?: { retryAfterSeconds?: number } }) : {}
    if (details?.retryAfterSeconds) headers['retry-after'] = String(details.retryAfterSeconds)
    const { type } = answer
    const initialEventsTold =
      type === 'watch'
        ? () => metrics.initialEventsTold(answer.definition, scopeOf(info), (clock.monotonic() - started) / 1000)
        : undefined
    const writing = () => send(answer, exchange, headers, request, serving, initialEventsTold)
    const recorded = span !== undefined && !longRunning
    sentBytes = await (recorded ? inSpan(span!, () => traced('SerializeObject', () => ({}), writing)) : writing())
  } finally {
    finished(code, (clock.monotonic() - started) / 1000, sentBytes)
    if (span !== undefined) endRequestSpan(span, code)
    ended?.()
  }
}

/** Upstream: server/filters/with_retry_after.go. */
const tryAgain: Answer = {
  type: 'raw',
  code: 429,
  contentType: 'text/plain; charset=utf-8',
  headers: { 'retry-after': '5', 'x-content-type-options': 'nosniff' },
  body: 'The apiserver is shutting down, please try again later.\n',
}

/** Who watches over the server is answered to its end. */
function isExempt({ target, headers }: Exchange): boolean {
  return (
    /^\/(?:readyz|livez|healthz|metrics)/.test(target) || headers['user-agent']?.startsWith('kube-apiserver/') === true
  )
}

/** The outcome, or 504 when it takes too long. The exchange is cut when its reader takes too long afterwards. */
async function inTime(
  exchange: Exchange,
  request: ServerRequest,
  info: RequestInfo,
  auditId: string,
  { pipeline, clock, log, metrics, protocol }: Serving,
): Promise<Outcome> {
  let limit: number
  const failed = (answer: Answer): Outcome => ({ answer, info, user: undefined, warnings: new Set() })
  try {
    limit = deadlineOf(request.query, protocol.requestTimeoutMs)
  } catch (error) {
    return failed(errorAnswer(error, log, request.path))
  }
  return new Promise((resolve) => {
    const cancel = clock.after(limit, () => {
      metrics.terminated(info, 504, request.headers['content-type'])
      resolve(failed(deadlineExceeded()))
    })
    void pipeline.handle(request, info, auditId).then((outcome) => {
      cancel()
      const { answer } = outcome
      if (answer.type === 'list') cutSlowReader(exchange, clock, limit)
      resolve(outcome)
    })
  })
}

function cutSlowReader(exchange: Exchange, clock: Clock, limitMs: number): void {
  const cancel = clock.after(limitMs, () => exchange.destroy())
  exchange.signal.addEventListener('abort', cancel, { once: true })
}

/** Resolves with the bytes of the answer's body. */
async function send(
  answer: Answer,
  exchange: Exchange,
  headers: Record<string, string | string[]>,
  request: ServerRequest | undefined,
  { log, rounds, metrics, compresses }: Serving,
  initialEventsTold?: () => void,
): Promise<number> {
  try {
    if (exchange.started && answer.type !== 'connect') return 0
    const form = formOf(exchange, 'code' in answer && answer.code >= 400 ? offerOfRefusal : offer)
    const userAgent = exchange.headers['user-agent']
    const pretty = form.pretty || wantsPretty(request?.query.get('pretty'), userAgent)
    return await writeAnswer(answer, {
      exchange,
      mediaType: form.mediaType,
      pretty,
      headers,
      rounds,
      metrics,
      initialEventsTold,
      compresses,
    })
  } catch (error) {
    if (exchange.started) {
      log.warn('an answer was broken off', { target: exchange.target, error })
      exchange.destroy()
      return 0
    }
    const refusal = errorAnswer(error, log, exchange.target)
    const { mediaType, pretty } = formOf(exchange, offerOfRefusal)
    return writeAnswer(refusal, { exchange, mediaType, pretty, headers, rounds, compresses })
  }
}

/** How to encode; errors go out as JSON to those who accept nothing that we have. */
function formOf(exchange: Exchange, offer: Offer): Negotiated {
  try {
    return negotiate(exchange.headers['accept'], offer)
  } catch {
    return json
  }
}
