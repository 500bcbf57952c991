import grpc from '@grpc/grpc-js'
import type { Decoded } from '../../machinery/grpc/message.ts'
import { exportPath, exportRequest, exportResponse } from '../../machinery/tracing/otlp-messages.ts'

export interface CollectedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly name: string
  readonly kind: number
  readonly start: bigint
  readonly end: bigint
  readonly attributes: Readonly<Record<string, string | number>>
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
}

/** A collector of traces for tests: it keeps what it is sent. */
export interface Collector {
  readonly endpoint: string
  readonly spans: CollectedSpan[]
  /** Who told last. */
  resource: Readonly<Record<string, string | number>>
  stop(): void
}

type Request = Decoded<typeof exportRequest>
type Resource = Request['resourceSpans'][number]
type Attributes = NonNullable<Resource['resource']>['attributes']

export async function startCollector(): Promise<Collector> {
  const server = new grpc.Server()
  const collector = {
    endpoint: '',
    spans: [] as CollectedSpan[],
    resource: {},
    stop: () => server.forceShutdown(),
  }
  const definition = {
    path: exportPath,
    requestStream: false,
    responseStream: false,
    requestSerialize: (value: object) => exportRequest.encode(value),
    requestDeserialize: (bytes: Buffer) => exportRequest.decode(bytes),
    responseSerialize: (value: object) => exportResponse.encode(value),
    responseDeserialize: (bytes: Buffer) => exportResponse.decode(bytes),
  }
  server.addService({ Export: definition } as grpc.ServiceDefinition, {
    Export(call: { request: Request }, callback: (error: null, value: object) => void) {
      for (const { resource, scopeSpans } of call.request.resourceSpans) {
        collector.resource = valuesOf(resource?.attributes ?? [])
        collector.spans.push(...scopeSpans.flatMap(({ spans }) => spans.map(collected)))
      }
      callback(null, {})
    },
  })
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  )
  return Object.assign(collector, { endpoint: `127.0.0.1:${port}` })
}

function collected(span: Resource['scopeSpans'][number]['spans'][number]): CollectedSpan {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  return {
    traceId: hex(span.traceId),
    spanId: hex(span.spanId),
    parentSpanId: hex(span.parentSpanId),
    name: span.name,
    kind: span.kind,
    start: span.startTimeUnixNano,
    end: span.endTimeUnixNano,
    attributes: valuesOf(span.attributes),
    links: span.links.map(({ traceId, spanId }) => ({ traceId: hex(traceId), spanId: hex(spanId) })),
  }
}

function valuesOf(attributes: Attributes): Record<string, string | number> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value?.stringValue || (value?.intValue ?? '')]))
}
