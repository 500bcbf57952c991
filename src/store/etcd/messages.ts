import { bool, bytes, int32, int64, many, type Message, message, one, string } from '../../machinery/grpc/message.ts'

/** What is needed of etcd's v3 API: packages etcdserverpb and mvccpb (etcd api/etcdserverpb/rpc.proto, api/mvccpb/kv.proto). */
const header = message({ revision: int64(3) })

export const keyValue = message({
  key: bytes(1),
  createRevision: int64(2),
  modRevision: int64(3),
  value: bytes(5),
  lease: int64(6),
})

const rangeRequest = message({
  key: bytes(1),
  rangeEnd: bytes(2),
  limit: int64(3),
  revision: int64(4),
  countOnly: bool(9),
})
const rangeResponse = message({ header: one(1, header), kvs: many(2, keyValue), more: bool(3), count: int64(4) })

const putRequest = message({ key: bytes(1), value: bytes(2), lease: int64(3) })
const deleteRangeRequest = message({ key: bytes(1) })
const requestOp = message({ range: one(1, rangeRequest), put: one(2, putRequest), delete: one(3, deleteRangeRequest) })
const responseOp = message({ range: one(1, rangeResponse) })
/** `result` 0: equal; `target` 2: the revision of the last change. */
const compare = message({ result: int32(1), target: int32(2), key: bytes(3), modRevision: int64(6) })
const txnRequest = message({ compare: many(1, compare), success: many(2, requestOp), failure: many(3, requestOp) })
const txnResponse = message({ header: one(1, header), succeeded: bool(2), responses: many(3, responseOp) })

const watchCreate = message({
  key: bytes(1),
  rangeEnd: bytes(2),
  startRevision: int64(3),
  progressNotify: bool(4),
  previous: bool(6),
  fragment: bool(8),
})
const nothing = message({})
export const watchRequest = message({ create: one(1, watchCreate), progress: one(3, nothing) })
/** `type` 0: put, 1: delete. */
const event = message({ type: int32(1), kv: one(2, keyValue), previous: one(3, keyValue) })
export const watchResponse = message({
  header: one(1, header),
  created: bool(3),
  canceled: bool(4),
  compactRevision: int64(5),
  cancelReason: string(6),
  fragment: bool(7),
  events: many(11, event),
})

/** A method with one request and one answer. */
export interface Unary<Request, Answer> {
  readonly path: string
  readonly request: Message<unknown, Request>
  readonly answer: Message<Answer, unknown>
  /** Asking twice does no harm. */
  readonly idempotent: boolean
}
function unary<Request, Answer>(
  path: string,
  request: Message<unknown, Request>,
  answer: Message<Answer, unknown>,
  idempotent: boolean,
): Unary<Request, Answer> {
  return { path: `/etcdserverpb.${path}`, request, answer, idempotent }
}

export const range = unary('KV/Range', rangeRequest, rangeResponse, true)
export const txn = unary('KV/Txn', txnRequest, txnResponse, false)
export const compact = unary('KV/Compact', message({ revision: int64(1) }), nothing, true)
export const leaseGrant = unary(
  'Lease/LeaseGrant',
  message({ ttl: int64(1), id: int64(2) }),
  message({ id: int64(2), ttl: int64(3) }),
  true,
)
export const status = unary('Maintenance/Status', nothing, message({ version: string(2), dbSize: int64(3) }), true)
export const watchPath = '/etcdserverpb.Watch/Watch'
