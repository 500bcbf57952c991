import type { UserInfo } from '../../api/user.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Random } from '../../machinery/random.ts'
import type { ServerRequest } from '../request.ts'
import type { RequestInfo } from '../routing/request-info.ts'
import { internalError } from '../../machinery/errors.ts'
import type { AuditMetrics } from './audit-metrics.ts'
import { AuditRecord } from './audit-record.ts'
import type { AuditSink } from './event.ts'
import { type AuditPolicy, auditingOf } from './policy.ts'

/** Tells who did what (apiserver pkg/endpoints/filters/audit.go). */
export interface Audit {
  /**
   * A request came; `user` absent: its credentials do not hold. Undefined: the policy does not ask for it. `auditId` is
   * made when absent. Throws 500 when the event must be kept and cannot be.
   */
  begin(
    request: ServerRequest,
    info: RequestInfo,
    user: UserInfo | undefined,
    auditId: string | undefined,
  ): AuditRecord | undefined | Promise<AuditRecord>
}

export function createAudit(options: {
  readonly policy: AuditPolicy
  readonly sink: AuditSink
  readonly metrics: AuditMetrics
  readonly clock: Clock
  readonly random: Random
}): Audit {
  const { policy, sink, metrics, clock, random } = options
  return {
    begin(request, info, user, auditId) {
      const auditing = auditingOf(policy, info, user)
      metrics.level(auditing.level)
      if (auditing.level === 'None') return undefined
      const record = new AuditRecord({
        request,
        info,
        user,
        auditing,
        sink,
        metrics,
        clock,
        auditId: auditId ?? random.uuid(),
      })
      const begun = (kept: boolean): AuditRecord => {
        if (kept) return record
        metrics.rejected()
        throw internalError('failed to store audit event')
      }
      const kept = record.begin()
      return kept instanceof Promise ? kept.then(begun) : begun(kept)
    },
  }
}
