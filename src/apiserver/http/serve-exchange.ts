import type { Status } from '../../machinery/errors.ts'
import type { Logger } from '../../machinery/log.ts'
import type { Random } from '../../machinery/random.ts'
import type { Answer } from '../answer.ts'
import { errorAnswer } from '../error-answer.ts'
import { negotiate, wantsPretty, type Negotiated, type Offer } from '../negotiation/accept.ts'
import { allMediaTypes } from '../negotiation/media-type.ts'
import type { Pipeline } from '../pipeline.ts'
import type { Exchange } from './exchange.ts'
import { requestOfExchange } from './request-of-exchange.ts'
import { warningHeader } from './warning-header.ts'
import { writeAnswer } from './write-answer.ts'

const offer: Offer = { mediaTypes: allMediaTypes, metadataTypes: allMediaTypes }
const fallback: Negotiated = { mediaType: 'application/json', convert: undefined, pretty: false }

/** From the wire through the pipeline and back. */
export async function serveExchange(
  exchange: Exchange,
  options: { pipeline: Pipeline; log: Logger; random: Random },
): Promise<void> {
  const { pipeline, log, random } = options
  const headers: Record<string, string> = {
    'audit-id': exchange.headers['audit-id'] ?? random.uuid(),
    'cache-control': 'no-cache, private',
  }
  try {
    const request = requestOfExchange(exchange)
    const { answer, warnings, seat } = await pipeline.handle(request)
    if (exchange.started && answer.type !== 'connect') return
    if (seat !== undefined) {
      headers['x-kubernetes-pf-flowschema-uid'] = seat.flowSchemaUid
      headers['x-kubernetes-pf-prioritylevel-uid'] = seat.priorityLevelUid
    }
    const retryAfter = retryAfterSeconds(answer)
    if (retryAfter > 0) headers['retry-after'] = String(retryAfter)
    if (warnings.size > 0) headers['warning'] = warningHeader(warnings)
    const form = formOf(exchange)
    await writeAnswer(answer, {
      exchange,
      mediaType: form.mediaType,
      pretty: form.pretty || wantsPretty(request.query.get('pretty'), exchange.headers['user-agent']),
      headers,
    })
  } catch (error) {
    if (exchange.started) {
      log.warn('an answer was broken off', { target: exchange.target, error })
      exchange.destroy()
      return
    }
    const answer = errorAnswer(error, log, exchange.target)
    await writeAnswer(answer, { exchange, mediaType: 'application/json', pretty: false, headers })
  }
}

/** When a refused client is to come again (handlers/responsewriters/writers.go, ErrorNegotiated). */
function retryAfterSeconds(answer: Answer): number {
  if (answer.type !== 'object' || answer.code < 400) return 0
  return (answer.object as Partial<Status>).details?.retryAfterSeconds ?? 0
}

/** How to encode; errors go out as JSON to those who accept nothing that we have. */
function formOf(exchange: Exchange): Negotiated {
  try {
    return negotiate(exchange.headers['accept'], offer)
  } catch {
    return fallback
  }
}
