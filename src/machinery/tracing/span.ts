import { AsyncLocalStorage } from 'node:async_hooks'
import type { Clock } from '../clock.ts'

export type AttributeValue = string | number | boolean
export type Attributes = Readonly<Record<string, AttributeValue>>
export type SpanKind = 'internal' | 'server' | 'client'

/** Which span of which trace: what others need to know to go on with it. */
export interface SpanContext {
  /** 32 and 16 hexadecimal digits. */
  readonly traceId: string
  readonly spanId: string
  readonly sampled: boolean
  readonly state?: string
}

/** A stretch of work that has ended. Times are nanoseconds since 1970. */
export interface EndedSpan {
  readonly context: SpanContext
  readonly parentSpanId: string
  readonly name: string
  readonly kind: SpanKind
  readonly start: bigint
  readonly end: bigint
  readonly attributes: Attributes
  /** Whom it follows without being a part of them. */
  readonly links: readonly SpanContext[]
  /** What went wrong; undefined: nothing. */
  readonly error: string | undefined
}

/** What spans need of whoever makes them. */
export interface SpanOwner {
  readonly clock: Clock
  readonly newSpanId: () => string
  readonly ended: (span: EndedSpan) => void
}

export interface SpanStart {
  readonly context: SpanContext
  readonly name: string
  readonly kind: SpanKind
  readonly parentSpanId?: string
  readonly links?: readonly SpanContext[]
  readonly attributes?: Attributes
  /** Its whole's; without: a reading of its own. */
  readonly reading?: ClockReading
}

/**
 * Both clocks read at one moment. All spans of a trace here tell their times from one reading, for the clock of the day is
 * read in whole milliseconds: by two readings a part would end after its whole.
 */
interface ClockReading {
  readonly nowMs: number
  readonly monotonicMs: number
}

/** A stretch of work that is recorded, under way. */
export class Span {
  readonly context: SpanContext
  readonly #owner: SpanOwner
  readonly #started: SpanStart
  readonly #reading: ClockReading
  readonly #startedAt: number
  #attributes: Record<string, AttributeValue>
  #ended = false

  constructor(owner: SpanOwner, started: SpanStart) {
    this.context = started.context
    this.#owner = owner
    this.#started = started
    this.#startedAt = owner.clock.monotonic()
    this.#reading = started.reading ?? { nowMs: owner.clock.now(), monotonicMs: this.#startedAt }
    this.#attributes = { ...started.attributes }
  }

  set(name: string, value: AttributeValue): void {
    this.#attributes[name] = value
  }

  child(name: string, attributes: Attributes = {}, kind: SpanKind = 'internal'): Span {
    const context = { ...this.context, spanId: this.#owner.newSpanId() }
    return new Span(this.#owner, {
      context,
      name,
      kind,
      parentSpanId: this.context.spanId,
      attributes,
      reading: this.#reading,
    })
  }

  /** Once; later calls do nothing. */
  end(error?: string): void {
    if (this.#ended) return
    this.#ended = true
    const { name, kind, parentSpanId = '', links = [] } = this.#started
    this.#owner.ended({
      context: this.context,
      parentSpanId,
      name,
      kind,
      start: this.#nanosecondsAt(this.#startedAt),
      end: this.#nanosecondsAt(this.#owner.clock.monotonic()),
      attributes: this.#attributes,
      links,
      error,
    })
  }

  #nanosecondsAt(monotonicMs: number): bigint {
    const { nowMs, monotonicMs: since } = this.#reading
    return BigInt(Math.round((nowMs + (monotonicMs - since)) * 1000)) * 1000n
  }
}

const active = new AsyncLocalStorage<Span>()
/** Nothing is looked up while nothing was ever recorded. */
let recorded = false

/** The span of the work that is under way here; undefined: it is not recorded. */
export function activeSpan(): Span | undefined {
  return recorded ? active.getStore() : undefined
}

/** Does `work` as a part of the span, which is not ended. */
export function inSpan<Result>(span: Span, work: () => Result): Result {
  recorded = true
  return active.run(span, work)
}

/** Does `work`, recorded as a child of the active span where there is one. */
export function traced<Result>(
  name: string,
  attributes: () => Attributes,
  work: () => Result,
  kind: SpanKind = 'internal',
): Result {
  const parent = activeSpan()
  if (parent === undefined) return work()
  const span = parent.child(name, attributes(), kind)
  try {
    const result = inSpan(span, work)
    if (!(result instanceof Promise)) {
      span.end()
      return result
    }
    return result.then(
      (value: unknown) => {
        span.end()
        return value
      },
      (error: unknown) => {
        span.end(messageOf(error))
        throw error
      },
    ) as Result
  } catch (error) {
    span.end(messageOf(error))
    throw error
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
