import type { UserInfo } from '../api/user.ts'
import type { AuditRecord } from './audit/audit-record.ts'
import type { RequestInfo } from './routing/request-info.ts'
import type { ServerRequest } from './request.ts'

/** A request on its way through the stages. */
export interface RequestContext {
  readonly request: ServerRequest
  readonly info: RequestInfo
  readonly user: UserInfo
  /** Collected for `Warning` headers: each text once. */
  readonly warnings: Set<string>
  /** What is told of the request; absent: nothing. */
  readonly audit?: AuditRecord
}
