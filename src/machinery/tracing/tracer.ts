import type { Clock } from '../clock.ts'
import type { Random } from '../random.ts'
import { type Attributes, type EndedSpan, Span, type SpanContext, type SpanOwner } from './span.ts'

/** Decides which work is recorded, and makes its first span (component-base tracing/utils.go NewProvider). */
export class Tracer {
  readonly #owner: SpanOwner
  readonly #random: Random
  readonly #share: number

  /** `samplingRatePerMillion`: of the traces that begin here. Whoever was asked with a trace follows its beginner. */
  constructor(options: {
    readonly samplingRatePerMillion: number
    readonly clock: Clock
    readonly random: Random
    readonly ended: (span: EndedSpan) => void
  }) {
    const { clock, random, ended } = options
    this.#random = random
    this.#share = options.samplingRatePerMillion / 1e6
    this.#owner = { clock, newSpanId: () => this.#hex(16), ended }
  }

  /**
   * The span of a request; undefined: it is not recorded. Only the trace of a caller who is `trusted` is gone on with: that
   * of others is linked to, and whether to record is decided here (otelhttp's public endpoints).
   */
  begin(options: {
    readonly name: string
    readonly parent: SpanContext | undefined
    readonly trusted: boolean
    readonly attributes: () => Attributes
  }): Span | undefined {
    const { name, parent, trusted, attributes } = options
    if (parent !== undefined && trusted) {
      if (!parent.sampled) return undefined
      const context = { ...parent, spanId: this.#hex(16) }
      return new Span(this.#owner, {
        context,
        name,
        kind: 'server',
        parentSpanId: parent.spanId,
        attributes: attributes(),
      })
    }
    if (this.#share <= 0 || this.#random.float() >= this.#share) return undefined
    const context = { traceId: this.#hex(32), spanId: this.#hex(16), sampled: true }
    const links = parent === undefined ? [] : [parent]
    return new Span(this.#owner, { context, name, kind: 'server', links, attributes: attributes() })
  }

  /** Hexadecimal digits, not all of them zero. */
  #hex(length: number): string {
    let text = ''
    while (text.length < length) {
      text += Math.floor(this.#random.float() * 0x1_0000_0000)
        .toString(16)
        .padStart(8, '0')
    }
    return /^0+$/.test(text) ? text.replace(/0$/, '1') : text
  }
}
