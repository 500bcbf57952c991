import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { dns1123Subdomain } from '../../../machinery/validation/dns-names.ts'
import { pathSegment } from '../../../machinery/validation/value-formats.ts'
import { checkField, checkRequired } from '../../field-checks.ts'
import type { IPAddress } from '../../types.generated.ts'

/** pkg/apis/networking/validation ValidateIPAddress. */
export function validateIpAddress({ spec }: IPAddress): FieldError[] {
  const parent = spec?.parentRef
  const field = 'spec.parentRef'
  if (!parent) return [fieldErrors.required(field)]
  const { group, resource, name, namespace } = parent
  return [
    ...(group ? checkField(group, `${field}.group`, (text) => dns1123Subdomain(text)) : []),
    ...checkRequired(resource, `${field}.resource`, (text) => pathSegment(text)),
    ...checkRequired(name, `${field}.name`, (text) => pathSegment(text)),
    ...checkField(namespace ?? '', `${field}.namespace`, (text) => pathSegment(text)),
  ]
}
