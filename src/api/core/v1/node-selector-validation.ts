import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { dns1123Subdomain } from '../../../machinery/validation/dns-names.ts'
import { labelValue } from '../../../machinery/validation/label-names.ts'
import { validateLabelName } from '../../../machinery/validation/label-selector.ts'
import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm } from '../../types.generated.ts'

/** Selectors of nodes, in pods and volumes (pkg/apis/core/validation ValidateNodeSelector). */
export function validateNodeSelector(
  selector: NodeSelector,
  field: string,
  rules: { readonly allowInvalidValues: boolean },
): FieldError[] {
  const at = `${field}.nodeSelectorTerms`
  if (!selector.nodeSelectorTerms?.length) {
    return [fieldErrors.required(at, 'must have at least one node selector term')]
  }
  return selector.nodeSelectorTerms.flatMap((term, index) => validateNodeSelectorTerm(term, `${at}[${index}]`, rules))
}

export function validateNodeSelectorTerm(
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  field: string,
  rules: { readonly allowInvalidValues: boolean },
): FieldError[] {
  return [
    ...matchExpressions.flatMap((one, index) => validateRequirement(one, `${field}.matchExpressions[${index}]`, rules)),
    ...matchFields.flatMap((one, index) => validateFieldRequirement(one, `${field}.matchFields[${index}]`)),
  ]
}

function validateRequirement(
  { key, operator, values = [] }: NodeSelectorRequirement,
  field: string,
  rules: { readonly allowInvalidValues: boolean },
): FieldError[] {
  const errors: FieldError[] = []
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) {
      errors.push(fieldErrors.required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
    }
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) {
      const detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
      errors.push(fieldErrors.forbidden(`${field}.values`, detail))
    }
  } else if (operator === 'Gt' || operator === 'Lt') {
    if (values.length !== 1) {
      const detail = "must be specified single value when `operator` is 'Lt' or 'Gt'"
      errors.push(fieldErrors.required(`${field}.values`, detail))
    }
  } else errors.push(fieldErrors.invalid(`${field}.operator`, operator, 'not a valid selector operator'))
  errors.push(...validateLabelName(key, `${field}.key`))
  if (rules.allowInvalidValues) return errors
  for (const [index, value] of values.entries()) {
    for (const text of labelValue(value)) errors.push(fieldErrors.invalid(`${field}.values[${index}]`, value, text))
  }
  return errors
}

/** The only field of a node that can be selected by is its name. */
function validateFieldRequirement(requirement: NodeSelectorRequirement, field: string): FieldError[] {
  const { key, operator, values = [] } = requirement
  const errors: FieldError[] = []
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length !== 1) {
      const detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
      errors.push(fieldErrors.required(`${field}.values`, detail))
    }
  } else errors.push(fieldErrors.invalid(`${field}.operator`, operator, 'not a valid selector operator'))
  if (key !== 'metadata.name') {
    return [...errors, fieldErrors.invalid(`${field}.key`, key, 'not a valid field selector key')]
  }
  for (const [index, value] of values.entries()) {
    for (const text of dns1123Subdomain(value)) {
      errors.push(fieldErrors.invalid(`${field}.values[${index}]`, value, text))
    }
  }
  return errors
}

/** Whether a selector has values that no label can have; those that were stored so stay. */
export function hasInvalidNodeSelectorValue(selector: NodeSelector | undefined): boolean {
  return (selector?.nodeSelectorTerms ?? []).some(({ matchExpressions = [] }) =>
    matchExpressions.some(({ values = [] }) => values.some((value) => labelValue(value).length > 0)),
  )
}
