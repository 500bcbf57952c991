import { addResources, type ResourceList } from '../../../api/core/v1/pod/resource-list.ts'
import { amountsText, exceeding, mask, subtractToZero, withoutZeros } from '../../../api/quota/amounts.ts'
import { type QuotaEvaluator, quotaMatches } from '../../../api/quota/evaluator.ts'
import type { ResourceQuota } from '../../../api/types.generated.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import { type LimitedResource, uncoveredUse } from './limited-resources.ts'
import { quantitySign } from '../../../machinery/quantity.ts'

export interface QuotaRequest {
  readonly operation: string
  readonly subresource: string
  readonly object: KubeObject
  readonly old?: KubeObject
  /** What of it may be used only where a quota covers it; default nothing. */
  readonly limited?: readonly LimitedResource[]
}

/**
 * The quotas of a namespace after this write, or why it may not be (apiserver pkg/admission/plugin/resourcequota/
 * controller.go CheckRequest). Pure: `quotas` stay as they are.
 */
export function checkRequest(
  quotas: readonly ResourceQuota[],
  request: QuotaRequest,
  evaluator: QuotaEvaluator,
  now: number,
): { readonly quotas: readonly ResourceQuota[] } | { readonly refusal: string } {
  const { operation, subresource, object, old, limited = [] } = request
  const concerned: ResourceQuota[] = []
  for (const quota of quotas) {
    if (!quotaMatches(evaluator, quota, object)) continue
    const { hard = {}, used = {} } = quota.status ?? {}
    const restricted = evaluator.matchingResources(Object.keys(hard))
    const problem = evaluator.constraint(restricted, object)
    if (problem !== undefined) return { refusal: `failed quota: ${quota.metadata.name}: ${problem}` }
    // Until the controller has counted nobody knows what is left.
    if (restricted.some((name) => used[name] === undefined))
      return { refusal: `status unknown for quota: ${quota.metadata.name}, resources: ${restricted.join(',')}` }
    concerned.push(quota)
  }
  if (concerned.length === 0 && limited.length === 0) return { quotas }

  const usage = evaluator.usage(object, now)
  const negative = Object.keys(usage).filter((name) => quantitySign(usage[name]!) < 0)
  if (negative.length > 0) return { refusal: `quota usage is negative for resource(s): ${negative.join(',')}` }
  const before = operation === 'UPDATE' && old?.metadata.resourceVersion ? evaluator.usage(old, now) : undefined

  const limitedUsage = before === undefined ? usage : subtractToZero(usage, before)
  if (limited.length > 0 && Object.keys(withoutZeros(limitedUsage)).length > 0) {
    const uncovered = uncoveredUse(limited, { object, usage, evaluator, quotas: concerned })
    if (uncovered !== undefined) return { refusal: uncovered }
  }

  const after = [...quotas]
  for (const quota of concerned) {
    const counted = before !== undefined && quotaMatches(evaluator, quota, old!)
    const delta = withoutZeros(counted ? subtractToZero(usage, before) : usage)
    const { hard = {}, used = {} } = quota.status ?? {}
    const requested = mask(delta, Object.keys(hard))
    if (Object.keys(delta).length === 0) continue
    const total: ResourceList = addResources(used, requested)
    if (subresource !== 'status') {
      const exceeded = exceeding(mask(total, Object.keys(requested)), hard)
      if (exceeded.length > 0) {
        const text = (list: ResourceList) => amountsText(mask(list, exceeded))
        return {
          refusal: `exceeded quota: ${quota.metadata.name}, requested: ${text(requested)}, used: ${text(used)}, limited: ${text(hard)}`,
        }
      }
    }
    after[quotas.indexOf(quota)] = { ...quota, status: { ...quota.status, used: total } }
  }
  return { quotas: after }
}
