import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { dns1123Subdomain } from '../../../machinery/validation/dns-names.ts'
import { validateLabelSelector } from '../../../machinery/validation/label-selector.ts'
import { pathSegment } from '../../../machinery/validation/value-formats.ts'
import { checkField, checkOneOf, checkRequired } from '../../field-checks.ts'
import type {
  MutatingAdmissionPolicyBinding,
  ParamRef,
  ValidatingAdmissionPolicyBinding,
  ValidatingAdmissionPolicyBindingSpec,
} from '../../types.generated.ts'
import { validateMatchResources, validateMutableOperations } from './match-resources-validation.ts'

const actions: readonly string[] = ['Audit', 'Deny', 'Warn']
const notFoundActions: readonly string[] = ['Deny', 'Allow']
const subdomain = (name: string): string[] => dns1123Subdomain(name)

/** pkg/apis/admissionregistration/validation; what is declared of the type comes last. */
export function validateValidatingBinding(binding: ValidatingAdmissionPolicyBinding): FieldError[] {
  const spec = binding.spec ?? ({} as ValidatingAdmissionPolicyBindingSpec)
  const { policyName = '', paramRef, matchResources, validationActions } = spec
  const errors = policyName ? checkField(policyName, 'spec.policyName', subdomain) : []
  if (paramRef) errors.push(...validateParamRef(paramRef, 'spec.paramRef'))
  if (matchResources) errors.push(...validateMatchResources(matchResources, 'spec.matchResources'))
  errors.push(...validateActions(validationActions ?? [], 'spec.validationActions'))
  if (policyName === '') errors.push(fieldErrors.required('spec.policyName'))
  if (!validationActions?.length) errors.push(fieldErrors.required('spec.validationActions'))
  return errors
}

function validateActions(list: readonly string[], field: string): FieldError[] {
  const errors = list.flatMap((action, index) => [
    ...checkOneOf(action, `${field}[${index}]`, actions),
    ...(list.indexOf(action) < index ? [fieldErrors.duplicate(`${field}[${index}]`, action)] : []),
  ])
  if (list.includes('Deny') && list.includes('Warn')) {
    const detail =
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)'
    errors.push(fieldErrors.invalid(field, list, detail))
  }
  return errors
}

export function validateMutatingBinding({ spec = {} }: MutatingAdmissionPolicyBinding): FieldError[] {
  const { policyName, paramRef, matchResources } = spec
  const errors = checkRequired(policyName, 'spec.policyName', subdomain)
  if (paramRef) errors.push(...validateParamRef(paramRef, 'spec.paramRef'))
  if (!matchResources) return errors
  return [
    ...errors,
    ...validateMatchResources(matchResources, 'spec.matchResources'),
    ...validateMutableOperations(matchResources, 'spec.matchResources'),
  ]
}

function validateParamRef({ name, selector, parameterNotFoundAction: action }: ParamRef, field: string): FieldError[] {
  const errors = name ? checkField(name, `${field}.name`, (text) => pathSegment(text)) : []
  const notBoth = 'name and selector are mutually exclusive'
  if (name && selector) errors.push(fieldErrors.forbidden(`${field}.name`, notBoth))
  errors.push(...validateLabelSelector(selector, `${field}.selector`))
  if (name && selector) errors.push(fieldErrors.forbidden(`${field}.selector`, notBoth))
  if (!name && !selector) errors.push(fieldErrors.required(field, 'one of name or selector must be specified'))
  const at = `${field}.parameterNotFoundAction`
  return [...errors, ...(action ? checkOneOf(action, at, notFoundActions) : [fieldErrors.required(at)])]
}
