import type {
  FieldSelectorRequirement,
  LabelSelectorRequirement,
  NonResourceAttributes,
  ResourceAttributes,
} from '../../api/types.generated.ts'
import { internalForm } from '../../api/internal-form.ts'
import { type FieldError, fieldErrors } from '../../machinery/field-error.ts'
import type { ObjectMeta } from '../../machinery/meta/object.ts'
import { labelValue } from '../../machinery/validation/label-names.ts'
import { validateLabelName } from '../../machinery/validation/label-selector.ts'

export interface AccessReviewSpec {
  readonly resourceAttributes?: ResourceAttributes
  readonly nonResourceAttributes?: NonResourceAttributes
  readonly user?: string
  readonly groups?: readonly string[]
  readonly uid?: string
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** pkg/apis/authorization/validation/validation.go. `subject`: whether the review names whom it is about. */
export function validateAccessReviewSpec(spec: AccessReviewSpec, subject: boolean): FieldError[] {
  const { resourceAttributes, nonResourceAttributes, user = '', groups = [] } = spec
  const errors: FieldError[] = []
  if ((resourceAttributes === undefined) === (nonResourceAttributes === undefined))
    errors.push(
      fieldErrors.invalid(
        'spec',
        shownPath(nonResourceAttributes),
        'exactly one of nonResourceAttributes or resourceAttributes must be specified',
      ),
    )
  if (subject && user === '' && groups.length === 0)
    errors.push(fieldErrors.invalid('spec.user', user, 'at least one of user or group must be specified'))
  const { fieldSelector, labelSelector } = resourceAttributes ?? {}
  errors.push(...validateSelector(fieldSelector, 'spec.resourceAttributes.fieldSelector', validateFieldRequirement))
  errors.push(...validateSelector(labelSelector, 'spec.resourceAttributes.labelSelector', validateLabelRequirement))
  return errors
}

/** As upstream's internal type is written. */
export function shownPath(attributes: NonResourceAttributes | undefined): unknown {
  return attributes === undefined ? null : internalForm('io.k8s.api.authorization.v1.NonResourceAttributes', attributes)
}

export function validateEmptyMetadata(metadata: ObjectMeta, allowed: readonly string[], detail: string): FieldError[] {
  const filled = Object.entries(metadata).some(([field, value]) => {
    const empty = value === null || value === undefined || value === '' || value === 0
    return !empty && !allowed.includes(field) && !(typeof value === 'object' && Object.keys(value).length === 0)
  })
  return filled ? [fieldErrors.invalid('metadata', metadata, detail)] : []
}

function validateSelector<Requirement>(
  selector: { readonly rawSelector?: string; readonly requirements?: readonly Requirement[] } | undefined,
  path: string,
  validateRequirement: (requirement: Requirement, path: string) => FieldError[],
): FieldError[] {
  if (selector === undefined) return []
  const { rawSelector = '', requirements = [] } = selector
  const errors: FieldError[] = []
  if (rawSelector !== '' && requirements.length > 0)
    errors.push(
      fieldErrors.invalid(`${path}.rawSelector`, rawSelector, 'may not specified at the same time as requirements'),
    )
  if (rawSelector === '' && requirements.length === 0)
    errors.push(
      fieldErrors.required(
        `${path}.requirements`,
        `when ${path} is specified, requirements or rawSelector is required`,
      ),
    )
  return [
    ...errors,
    ...requirements.flatMap((one, index) => validateRequirement(one, `${path}.requirements[${index}]`)),
  ]
}

/** Operators that newer clients know are let through; authorization ignores them. */
function validateValues(operator: string, values: readonly string[], path: string): FieldError[] {
  if ((operator === 'In' || operator === 'NotIn') && values.length === 0)
    return [fieldErrors.required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'")]
  if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0)
    return [
      fieldErrors.forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
    ]
  return []
}

function validateFieldRequirement(
  { key, operator, values = [] }: FieldSelectorRequirement,
  path: string,
): FieldError[] {
  const keyErrors = key ? [] : [fieldErrors.required(`${path}.key`, 'must be specified')]
  return [...keyErrors, ...validateValues(operator, values, path)]
}

function validateLabelRequirement(
  { key, operator, values = [] }: LabelSelectorRequirement,
  path: string,
): FieldError[] {
  return [
    ...validateValues(operator, values, path),
    ...validateLabelName(key, `${path}.key`),
    ...values.flatMap((value, index) =>
      labelValue(value).map((text) => fieldErrors.invalid(`${path}.values[${index}]`, value, text)),
    ),
  ]
}
