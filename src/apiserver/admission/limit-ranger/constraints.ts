import type { ResourceList } from '../../../api/core/v1/pod/resource-list.ts'
import { canonicalQuantity, quantityMilliValue, quantityValue } from '../../../machinery/quantity.ts'

/** The largest whole number of which the thousandfold still fits 64 bits (resource.MaxMilliValue). */
const maxMilliValue = (2 ** 63 - 1) / 1000

/** Whole units, or thousandths when all of them fit: what is compared. */
function comparable(...quantities: readonly (string | undefined)[]): number[] {
  const values = quantities.map((one) => quantityValue(one ?? '0'))
  if (values.some((value) => value > maxMilliValue)) return values
  return quantities.map((one) => quantityMilliValue(one ?? '0'))
}

/** Each says what is wrong, or undefined; upstream's words (plugin/pkg/admission/limitranger/admission.go). */
export function minConstraint(
  type: string,
  name: string,
  enforced: string,
  requests: ResourceList,
  limits: ResourceList,
): string | undefined {
  const [request, limit] = [requests[name], limits[name]]
  const [requested = 0, limited = 0, least = 0] = comparable(request, limit, enforced)
  const rule = `minimum ${name} usage per ${type} is ${canonicalQuantity(enforced)}`
  if (request === undefined) return `${rule}.  No request is specified`
  if (requested < least) return `${rule}, but request is ${canonicalQuantity(request)}`
  if (limit !== undefined && limited < least) return `${rule}, but limit is ${canonicalQuantity(limit)}`
  return undefined
}

export function maxRequestConstraint(
  type: string,
  name: string,
  enforced: string,
  requests: ResourceList,
): string | undefined {
  const request = requests[name]
  const [requested = 0, most = 0] = comparable(request, enforced)
  const rule = `maximum ${name} usage per ${type} is ${canonicalQuantity(enforced)}`
  if (request === undefined) return `${rule}.  No request is specified`
  return requested > most ? `${rule}, but request is ${canonicalQuantity(request)}` : undefined
}

export function maxConstraint(
  type: string,
  name: string,
  enforced: string,
  requests: ResourceList,
  limits: ResourceList,
): string | undefined {
  const [request, limit] = [requests[name], limits[name]]
  const [requested = 0, limited = 0, most = 0] = comparable(request, limit, enforced)
  const rule = `maximum ${name} usage per ${type} is ${canonicalQuantity(enforced)}`
  if (limit === undefined) return `${rule}.  No limit is specified`
  if (limited > most) return `${rule}, but limit is ${canonicalQuantity(limit)}`
  if (request !== undefined && requested > most) return `${rule}, but request is ${canonicalQuantity(request)}`
  return undefined
}

export function ratioConstraint(
  type: string,
  name: string,
  enforced: string,
  requests: ResourceList,
  limits: ResourceList,
): string | undefined {
  const [requested = 0, limited = 0] = comparable(requests[name], limits[name], enforced)
  const rule = `${name} max limit to request ratio per ${type} is ${canonicalQuantity(enforced)}`
  if (requested === 0) return `${rule}, but no request is specified or request is 0`
  if (limited === 0) return `${rule}, but no limit is specified or limit is 0`
  const ratio = limited / requested
  const most = quantityValue(enforced) <= maxMilliValue ? quantityMilliValue(enforced) / 1000 : quantityValue(enforced)
  return ratio > most ? `${rule}, but provided ratio is ${ratio.toFixed(6)}` : undefined
}
