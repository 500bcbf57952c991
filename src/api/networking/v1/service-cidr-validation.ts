import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { parseCidr } from '../../../machinery/validation/ip-address.ts'
import { canonicalCidr } from '../../../machinery/validation/ip-fields.ts'
import { fieldImmutableMessage } from '../../../machinery/validation/message-text.ts'
import type { ServiceCIDR } from '../../types.generated.ts'

const field = 'spec.cidrs'

/** pkg/apis/networking/validation ValidateServiceCIDR. */
export function validateServiceCidr({ spec }: ServiceCIDR): FieldError[] {
  const cidrs = spec?.cidrs ?? []
  if (cidrs.length === 0) return [fieldErrors.required(field, 'at least one CIDR required')]
  if (cidrs.length > 2) return [fieldErrors.invalid(field, { CIDRs: cidrs }, 'may only hold up to 2 values')]
  const errors = cidrs.flatMap((cidr, index) => canonicalCidr(`${field}[${index}]`, cidr))
  const [first, second] = cidrs.map(familyOf)
  if (cidrs.length === 2 && first === second && first !== undefined) {
    const detail = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'
    errors.push(fieldErrors.invalid(field, cidrs, detail))
  }
  return errors
}

/** undefined: no network at all. */
function familyOf(cidr: string): 4 | 6 | undefined {
  const parsed = parseCidr(cidr)
  return parsed && (parsed.network.isV4 ? 4 : 6)
}

/** A network of the other family may be added; what is there stays. */
export function validateServiceCidrUpdate(cidr: ServiceCIDR, old: ServiceCIDR): FieldError[] {
  const [now, before] = [cidr.spec?.cidrs ?? [], old.spec?.cidrs ?? []]
  const added = before.length === 1 && now.length === 2
  if (before.length !== now.length && !added) {
    return [fieldErrors.invalid(field, cidr.spec?.cidrs, fieldImmutableMessage)]
  }
  const errors = before.flatMap((value, index) =>
    value === now[index] ? [] : [fieldErrors.invalid(`${field}[${index}]`, now[index], fieldImmutableMessage)],
  )
  return added ? [...errors, ...validateServiceCidr(cidr)] : errors
}
