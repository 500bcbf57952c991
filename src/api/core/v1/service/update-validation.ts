import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { legacyIp } from '../../../../machinery/validation/ip-fields.ts'
import { checkOneOf } from '../../../field-checks.ts'
import type { Service } from '../../../types.generated.ts'
import { validateBalancerHost } from '../load-balancer-host.ts'
import { validateClusterIpChange } from './cluster-ips.ts'
import { needsHealthCheckNodePort } from './service-type.ts'
import { validateLoadBalancerClass, validateService } from './validation.ts'

/** pkg/apis/core/validation ValidateServiceUpdate. */
export function validateServiceUpdate(service: Service, old: Service): FieldError[] {
  const spec = service.spec!
  const before = old.spec!
  const errors = validateClusterIpChange(spec, before)
  const bothBalanced = spec.type === 'LoadBalancer' && before.type === 'LoadBalancer'
  if (bothBalanced && spec.loadBalancerClass !== before.loadBalancerClass) {
    const bad = spec.loadBalancerClass ?? null
    errors.push(fieldErrors.invalid('spec.loadBalancerClass', bad, 'may not change once set'))
  }
  errors.push(...validateLoadBalancerClass(spec))
  const bothChecked = needsHealthCheckNodePort(spec) && needsHealthCheckNodePort(before)
  if (bothChecked && (spec.healthCheckNodePort ?? 0) !== (before.healthCheckNodePort ?? 0)) {
    errors.push(fieldErrors.forbidden('spec.healthCheckNodePort', 'field is immutable'))
  }
  return [...errors, ...validateService(service, old)]
}

export function validateServiceStatusUpdate(service: Service, old: Service): FieldError[] {
  return validateLoadBalancerStatus(
    service.status?.loadBalancer,
    old.status?.loadBalancer,
    service.spec?.type,
    'status.loadBalancer',
  )
}

interface Balancer {
  readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string; readonly ipMode?: string }[]
}
const ipModes: readonly string[] = ['Proxy', 'VIP']

/** What balances the load, as its controller reports it. */
function validateLoadBalancerStatus(
  { ingress = [] }: Balancer = {},
  old: Balancer | undefined,
  type: string | undefined,
  field: string,
): FieldError[] {
  if (type !== 'LoadBalancer' && ingress.length > 0) {
    return [fieldErrors.forbidden(`${field}.ingress`, "may only be used when `spec.type` is 'LoadBalancer'")]
  }
  const before = (old?.ingress ?? []).flatMap(({ ip }) => (ip ? [ip] : []))
  return ingress.flatMap(({ ip, hostname, ipMode }, index) => {
    const at = `${field}.ingress[${index}]`
    const errors = ip ? legacyIp(`${at}.ip`, ip, before) : []
    if (ipMode === undefined) {
      if (ip) errors.push(fieldErrors.required(`${at}.ipMode`, 'must be specified when `ip` is set'))
    } else if (!ip) errors.push(fieldErrors.forbidden(`${at}.ipMode`, 'may not be specified when `ip` is not set'))
    else errors.push(...checkOneOf(ipMode, `${at}.ipMode`, ipModes))
    if (hostname) errors.push(...validateBalancerHost(hostname, `${at}.hostname`))
    return errors
  })
}
