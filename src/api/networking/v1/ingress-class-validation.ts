import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { dns1123Label, dns1123Subdomain } from '../../../machinery/validation/dns-names.ts'
import { domainPrefixedPath } from '../../../machinery/validation/domain-prefixed-path.ts'
import { byteLength } from '../../../machinery/validation/message-text.ts'
import { validateImmutable } from '../../../machinery/validation/object-meta.ts'
import { pathSegment } from '../../../machinery/validation/value-formats.ts'
import { checkField, requireAll } from '../../field-checks.ts'
import type { IngressClass, IngressClassParametersReference } from '../../types.generated.ts'

const maxControllerLength = 250
const scopes: readonly string[] = ['Cluster', 'Namespace']

/** pkg/apis/networking/validation ValidateIngressClass; what must be there comes last, as it is declared with the types. */
export function validateIngressClass({ spec = {} }: IngressClass): FieldError[] {
  const { controller = '', parameters } = spec
  const errors: FieldError[] = []
  if (byteLength(controller) > maxControllerLength) {
    errors.push(fieldErrors.tooLong('spec.controller', '', maxControllerLength))
  }
  errors.push(...domainPrefixedPath(controller, 'spec.controller'))
  if (!parameters) return errors
  return [
    ...errors,
    ...validateParameters(parameters, 'spec.parameters'),
    ...requireAll(parameters, 'spec.parameters', 'kind', 'name'),
  ]
}

export function validateIngressClassUpdate(ingressClass: IngressClass, old: IngressClass): FieldError[] {
  const [now, before] = [ingressClass.spec?.controller ?? '', old.spec?.controller ?? '']
  return [...validateImmutable(now, before, 'spec.controller'), ...validateIngressClass(ingressClass)]
}

function validateParameters(parameters: IngressClassParametersReference, field: string): FieldError[] {
  const { apiGroup, kind, name, scope, namespace } = parameters
  const errors: FieldError[] = []
  if (apiGroup !== undefined) {
    errors.push(...checkField(apiGroup, `${field}.apiGroup`, (text) => dns1123Subdomain(text)))
  }
  errors.push(...checkField(kind ?? '', `${field}.kind`, (text) => pathSegment(text)))
  errors.push(...checkField(name ?? '', `${field}.name`, (text) => pathSegment(text)))
  if (scope === undefined) errors.push(fieldErrors.required(`${field}.scope`))
  else if (!scopes.includes(scope)) errors.push(fieldErrors.notSupported(`${field}.scope`, scope, scopes))
  else if (scope === 'Cluster' && namespace !== undefined) {
    errors.push(fieldErrors.forbidden(`${field}.namespace`, "`parameters.scope` is set to 'Cluster'"))
  } else if (scope === 'Namespace' && namespace === undefined) {
    errors.push(fieldErrors.required(`${field}.namespace`, "`parameters.scope` is set to 'Namespace'"))
  } else if (namespace !== undefined) errors.push(...checkField(namespace, `${field}.namespace`, dns1123Label))
  return errors
}
