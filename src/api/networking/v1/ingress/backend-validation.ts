import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { dns1123Subdomain } from '../../../../machinery/validation/dns-names.ts'
import { pathSegment, portName, portNumber } from '../../../../machinery/validation/value-formats.ts'
import { checkField, checkRequired } from '../../../field-checks.ts'
import type { IngressBackend, IngressServiceBackend, TypedLocalObjectReference } from '../../../types.generated.ts'

/** `serviceName`: how the name of a service is checked. */
export interface BackendRules {
  serviceName(name: string): readonly string[]
}

/** pkg/apis/networking/validation validateIngressBackend. */
export function validateBackend(backend: IngressBackend | undefined, field: string, rules: BackendRules): FieldError[] {
  const { service, resource } = backend ?? {}
  if (service && resource) return [fieldErrors.invalid(field, '', 'cannot set both resource and service backends')]
  if (resource) return validateResource(resource, `${field}.resource`)
  if (service) return validateService(service, field, rules)
  return [fieldErrors.invalid(field, '', 'resource or service backend is required')]
}

function validateResource({ apiGroup, kind, name }: TypedLocalObjectReference, field: string): FieldError[] {
  return [
    // Always written: null when there is none.
    ...((apiGroup ?? null) === null
      ? []
      : checkField(apiGroup!, `${field}.apiGroup`, (text) => dns1123Subdomain(text))),
    ...checkRequired(kind, `${field}.kind`, (text) => pathSegment(text)),
    ...checkRequired(name, `${field}.name`, (text) => pathSegment(text)),
  ]
}

function validateService({ name, port = {} }: IngressServiceBackend, field: string, rules: BackendRules): FieldError[] {
  const errors = checkRequired(name, `${field}.service.name`, (text) => rules.serviceName(text))
  if (port.name && port.number) {
    errors.push(fieldErrors.invalid(field, '', 'cannot set both port name & port number'))
  } else if (port.name) {
    errors.push(...checkField(port.name, `${field}.service.port.name`, portName))
  } else if (port.number) {
    errors.push(...checkField(port.number, `${field}.service.port.number`, portNumber))
  } else errors.push(fieldErrors.required(field, 'port name or number is required'))
  return errors
}
