import grpc from '@grpc/grpc-js'
import type { Clock } from '../clock.ts'
import type { Encodable } from '../grpc/message.ts'
import type { Logger } from '../log.ts'
import { exportPath, exportRequest, exportResponse } from './otlp-messages.ts'
import type { Attributes, EndedSpan } from './span.ts'

/** As upstream's batch span processor: so many may wait, so many go at once, after so long. */
const mostWaiting = 2048
const batchSize = 512
const delayMs = 5000
const timeoutMs = 10_000

/**
 * Sends spans to a collector by OTLP over gRPC, without TLS, in batches. What finds no room or no collector is dropped:
 * nobody waits for it.
 */
export class OtlpExporter {
  readonly #client: grpc.Client
  readonly #clock: Clock
  readonly #log: Logger
  readonly #resource: Attributes
  #waiting: EndedSpan[] = []
  #cancel: (() => void) | undefined
  #sending: Promise<void> = Promise.resolve()

  /** `endpoint`: `host:port`, `dns:///host:port` or `unix:///path`. `resource`: who tells. */
  constructor(options: {
    readonly endpoint: string
    readonly resource: Attributes
    readonly clock: Clock
    readonly log: Logger
  }) {
    this.#clock = options.clock
    this.#log = options.log
    this.#resource = options.resource
    this.#client = new grpc.Client(options.endpoint, grpc.credentials.createInsecure())
  }

  readonly add = (span: EndedSpan): void => {
    if (this.#waiting.length >= mostWaiting) return
    this.#waiting.push(span)
    if (this.#waiting.length >= batchSize) this.#flush()
    else this.#cancel ??= this.#clock.after(delayMs, () => this.#flush())
  }

  /** Sends what is left. */
  async stop(): Promise<void> {
    this.#flush()
    await this.#sending
    this.#client.close()
  }

  #flush(): void {
    this.#cancel?.()
    this.#cancel = undefined
    const spans = this.#waiting
    this.#waiting = []
    if (spans.length === 0) return
    this.#sending = this.#sending.then(() => this.#send(spans))
  }

  #send(spans: readonly EndedSpan[]): Promise<void> {
    const value: Encodable<typeof exportRequest> = {
      resourceSpans: [
        {
          resource: { attributes: keyValues(this.#resource) },
          scopeSpans: [{ scope: { name: 'skiff' }, spans: spans.map(written) }],
        },
      ],
    }
    return new Promise((resolve) => {
      this.#client.makeUnaryRequest(
        exportPath,
        (input: typeof value) => exportRequest.encode(input),
        (output: Buffer) => exportResponse.decode(output),
        value,
        { deadline: this.#clock.now() + timeoutMs },
        (error) => {
          if (error !== null) this.#log.info('traces export', { spans: spans.length, error: error.message })
          resolve()
        },
      )
    })
  }
}

const kinds = { internal: 1, server: 2, client: 3 } as const

function written(span: EndedSpan) {
  const { context, parentSpanId, name, kind, start, end, attributes, links, error } = span
  const ids = ({ traceId, spanId, state }: EndedSpan['context']) => ({
    traceId: Buffer.from(traceId, 'hex'),
    spanId: Buffer.from(spanId, 'hex'),
    traceState: state,
  })
  return {
    ...ids(context),
    parentSpanId: parentSpanId === '' ? undefined : Buffer.from(parentSpanId, 'hex'),
    name,
    kind: kinds[kind],
    startTimeUnixNano: start,
    endTimeUnixNano: end,
    attributes: keyValues(attributes),
    links: links.map(ids),
    status: error === undefined ? undefined : { code: 2, message: error },
  }
}

function keyValues(attributes: Attributes) {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }))
}

function anyValue(value: Attributes[string]) {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  return Number.isInteger(value) ? { intValue: value } : { doubleValue: value }
}
