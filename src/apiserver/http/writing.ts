import type { MediaType } from '../negotiation/media-type.ts'
import type { AnswerHeaders, Exchange } from './exchange.ts'
import type { RequestMetrics } from './request-metrics.ts'
import type { WriteRounds } from './write-rounds.ts'

/** To whom and how an answer is sent. */
export interface Writing {
  readonly exchange: Exchange
  readonly mediaType: MediaType
  readonly pretty: boolean
  readonly headers: AnswerHeaders
  /** The rounds in which watches write. */
  readonly rounds: WriteRounds
  /** Absent: what watches send is not counted. */
  readonly metrics?: RequestMetrics
  /** Called when a watch that begins with what is there has told it. */
  readonly initialEventsTold?: () => void
  /** Whether large answers go out with gzip to who takes that. */
  readonly compresses: boolean
}
