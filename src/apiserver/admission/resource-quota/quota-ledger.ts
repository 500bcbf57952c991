import { resourceQuotas } from '../../../api/core/v1/resource-quota.ts'
import { sameAmounts } from '../../../api/quota/amounts.ts'
import type { QuotaEvaluator } from '../../../api/quota/evaluator.ts'
import type { ResourceQuota } from '../../../api/types.generated.ts'
import type { Clock } from '../../../machinery/clock.ts'
import type { Lister } from '../../lister.ts'
import type { ObjectWriter } from '../../object-writer.ts'
import { checkRequest, type QuotaRequest } from './check-request.ts'

const retries = 3

interface Waiter {
  readonly request: QuotaRequest
  readonly evaluator: QuotaEvaluator
  readonly dryRun: boolean
  /** Empty: allowed. */
  readonly settle: (refusal: string | undefined) => void
  readonly fail: (error: unknown) => void
}

/**
 * Charges writes to the quotas of their namespace. The status of a quota is the ledger: a write is allowed once what it
 * uses stands there, so that no two writes share what is left. Those of one namespace that wait are charged together,
 * by one update (controller.go checkAttributes).
 */
export interface QuotaLedger {
  /** Resolves with why the write is refused, or undefined. */
  charge(
    namespace: string,
    request: QuotaRequest,
    evaluator: QuotaEvaluator,
    dryRun: boolean,
  ): Promise<string | undefined> | undefined
}

export function createQuotaLedger(options: {
  readonly lister: Lister
  readonly writer: ObjectWriter
  readonly clock: Clock
}): QuotaLedger {
  const { lister, writer, clock } = options
  const waiting = new Map<string, Waiter[]>()
  const busy = new Set<string>()
  /** What this server wrote last, where the cache may not show it yet. */
  const written = new Map<string, ResourceQuota>()

  function quotasOf(namespace: string): readonly ResourceQuota[] {
    return lister.list(resourceQuotas, namespace).map((cached) => {
      const key = `${namespace}/${cached.metadata.name}`
      const own = written.get(key)
      const isNewer =
        own !== undefined && revisionOf(own) > revisionOf(cached) && own.metadata.uid === cached.metadata.uid
      if (!isNewer) written.delete(key)
      return isNewer ? own : cached
    })
  }

  async function work(namespace: string): Promise<void> {
    if (busy.has(namespace)) return
    busy.add(namespace)
    try {
      for (let batch = waiting.get(namespace); batch !== undefined; batch = waiting.get(namespace)) {
        waiting.delete(namespace)
        await settle(batch, quotasOf(namespace), retries).catch((error: unknown) => {
          for (const waiter of batch!) waiter.fail(error)
        })
      }
    } finally {
      busy.delete(namespace)
    }
  }

  async function settle(batch: readonly Waiter[], quotas: readonly ResourceQuota[], left: number): Promise<void> {
    let current = quotas
    const charged: Waiter[] = []
    for (const waiter of batch) {
      const checked = checkRequest(current, waiter.request, waiter.evaluator, clock.now())
      if ('refusal' in checked) waiter.settle(checked.refusal)
      else if (waiter.dryRun || !differs(current, checked.quotas)) waiter.settle(undefined)
      else {
        charged.push(waiter)
        current = checked.quotas
      }
    }
    if (charged.length === 0) return
    const stale: string[] = []
    let failure: unknown
    for (const [index, quota] of current.entries()) {
      if (sameAmounts(quotas[index]?.status?.used, quota.status?.used)) continue
      const { namespace = '', name = '' } = quota.metadata
      try {
        written.set(`${namespace}/${name}`, await writer.update(resourceQuotas, quota, { subresource: 'status' }))
      } catch (error) {
        stale.push(name)
        failure = error
      }
    }
    if (stale.length === 0) {
      for (const waiter of charged) waiter.settle(undefined)
      return
    }
    if (left === 0) throw failure
    // Someone else wrote: only those quotas are charged again, from their newest state.
    const namespace = quotas[0]!.metadata.namespace ?? ''
    const newest = await Promise.all(stale.map((name) => lister.getLive(resourceQuotas, namespace, name)))
    await settle(
      charged,
      newest.filter((quota) => quota !== undefined),
      left - 1,
    )
  }

  return {
    charge(namespace, request, evaluator, dryRun) {
      if (lister.list(resourceQuotas, namespace).length === 0 && request.limited === undefined) return undefined
      return new Promise((resolve, reject) => {
        const waiter: Waiter = { request, evaluator, dryRun, settle: resolve, fail: reject }
        const batch = waiting.get(namespace)
        if (batch === undefined) waiting.set(namespace, [waiter])
        else batch.push(waiter)
        void work(namespace)
      })
    },
  }
}

function differs(before: readonly ResourceQuota[], after: readonly ResourceQuota[]): boolean {
  return after.some((quota, index) => !sameAmounts(before[index]?.status?.used, quota.status?.used))
}

function revisionOf({ metadata }: ResourceQuota): number {
  return Number(metadata.resourceVersion ?? 0)
}
