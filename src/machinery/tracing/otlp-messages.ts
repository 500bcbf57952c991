import { bool, bytes, double, fixed64, int32, int64, many, message, one, string } from '../grpc/message.ts'

/** opentelemetry-proto 1.x: what a collector is sent, with what spans here have. */
const anyValue = message({ stringValue: string(1), boolValue: bool(2), intValue: int64(3), doubleValue: double(4) })
const keyValue = message({ key: string(1), value: one(2, anyValue) })
const link = message({ traceId: bytes(1), spanId: bytes(2), traceState: string(3) })
const status = message({ message: string(2), code: int32(3) })
const span = message({
  traceId: bytes(1),
  spanId: bytes(2),
  traceState: string(3),
  parentSpanId: bytes(4),
  name: string(5),
  kind: int32(6),
  startTimeUnixNano: fixed64(7),
  endTimeUnixNano: fixed64(8),
  attributes: many(9, keyValue),
  links: many(13, link),
  status: one(15, status),
})
const scopeSpans = message({ scope: one(1, message({ name: string(1) })), spans: many(2, span) })
const resourceSpans = message({
  resource: one(1, message({ attributes: many(1, keyValue) })),
  scopeSpans: many(2, scopeSpans),
})

export const exportRequest = message({ resourceSpans: many(1, resourceSpans) })
export const exportResponse = message({})
export const exportPath = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
