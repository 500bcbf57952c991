import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { dns1123Subdomain } from '../../../machinery/validation/dns-names.ts'
import { pathSegment } from '../../../machinery/validation/value-formats.ts'
import { checkField, checkUnchanged, requireAll } from '../../field-checks.ts'
import type { IPAddress } from '../../types.generated.ts'

/** pkg/apis/networking/validation ValidateIPAddress; what must be there comes last, as it is declared with the types. */
export function validateIpAddress({ spec }: IPAddress): FieldError[] {
  const parent = spec?.parentRef
  const field = 'spec.parentRef'
  if (!parent) return [fieldErrors.required(field)]
  const { group, resource, name, namespace } = parent
  return [
    ...(group ? checkField(group, `${field}.group`, (text) => dns1123Subdomain(text)) : []),
    ...checkField(resource ?? '', `${field}.resource`, (text) => pathSegment(text)),
    ...checkField(name ?? '', `${field}.name`, (text) => pathSegment(text)),
    ...checkField(namespace ?? '', `${field}.namespace`, (text) => pathSegment(text)),
    ...requireAll(parent, field, 'resource', 'name'),
  ]
}

export function validateIpAddressUpdate({ spec }: IPAddress, old: IPAddress): FieldError[] {
  const field = 'spec.parentRef'
  return [
    ...(spec?.parentRef ? [] : [fieldErrors.required(field)]),
    ...checkUnchanged(spec?.parentRef, old.spec?.parentRef, field),
  ]
}
