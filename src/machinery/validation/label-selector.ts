import { fieldErrors, type FieldError } from '../field-error.ts'
import { labelKey, labelValue } from './label-names.ts'

/** Labels, and the LabelSelector object (apimachinery pkg/apis/meta/v1/validation). */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly LabelSelectorRequirement[]
}
export interface LabelSelectorRequirement {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

export interface LabelSelectorRules {
  /** An old object holds an invalid value already. */
  readonly allowInvalidLabelValue?: boolean
  readonly allowUnknownOperator?: boolean
}

export function validateLabelName(name: string, field: string): FieldError[] {
  return labelKey(name).map((text) => fieldErrors.invalid(field, name, text))
}

export function validateLabels(labels: Readonly<Record<string, string>> | undefined, field: string): FieldError[] {
  const errors: FieldError[] = []
  for (const [key, value] of Object.entries(labels ?? {})) {
    errors.push(...validateLabelName(key, field))
    for (const text of labelValue(value)) errors.push(fieldErrors.invalid(field, value, text))
  }
  return errors
}

export function validateLabelSelector(
  selector: LabelSelector | null | undefined,
  field: string,
  rules: LabelSelectorRules = {},
): FieldError[] {
  if (!selector) return []
  const errors = validateLabels(selector.matchLabels, `${field}.matchLabels`)
  for (const [index, requirement] of (selector.matchExpressions ?? []).entries()) {
    errors.push(...validateRequirement(requirement, `${field}.matchExpressions[${index}]`, rules))
  }
  return errors
}

function validateRequirement(
  requirement: LabelSelectorRequirement,
  field: string,
  rules: LabelSelectorRules,
): FieldError[] {
  const errors: FieldError[] = []
  const { operator, key = '', values = [] } = requirement
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) {
      errors.push(fieldErrors.required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
    }
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) {
      const detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
      errors.push(fieldErrors.forbidden(`${field}.values`, detail))
    }
  } else if (!rules.allowUnknownOperator) {
    errors.push(fieldErrors.invalid(`${field}.operator`, operator ?? '', 'not a valid selector operator'))
  }
  errors.push(...validateLabelName(key, `${field}.key`))
  if (!rules.allowInvalidLabelValue) {
    for (const [index, value] of values.entries()) {
      for (const text of labelValue(value)) errors.push(fieldErrors.invalid(`${field}.values[${index}]`, value, text))
    }
  }
  return errors
}

export function hasInvalidLabelValue(selector: LabelSelector | null | undefined): boolean {
  return (selector?.matchExpressions ?? []).some(({ values = [] }) =>
    values.some((value) => labelValue(value).length > 0),
  )
}
