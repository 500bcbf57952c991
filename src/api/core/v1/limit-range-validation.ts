import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { compareQuantities, quantityMilliValue, quantityValue } from '../../../machinery/quantity.ts'
import { qualifiedName } from '../../../machinery/validation/label-names.ts'
import { checkField } from '../../field-checks.ts'
import type { LimitRange, LimitRangeItem } from '../../types.generated.ts'
import { isOvercommitAllowed } from './pod/pod-resources.ts'
import type { ResourceList } from './pod/resource-list.ts'
import { validateContainerResourceName, validateResourceName } from './resource-names.ts'

/** pkg/apis/core/validation ValidateLimitRange. */
export function validateLimitRange({ spec }: LimitRange): FieldError[] {
  const errors: FieldError[] = []
  const types = new Set<string>()
  for (const [index, limit] of (spec?.limits ?? []).entries()) {
    const field = `spec.limits[${index}]`
    errors.push(...validateType(limit.type, `${field}.type`))
    if (types.has(limit.type)) errors.push(fieldErrors.duplicate(`${field}.type`, limit.type))
    types.add(limit.type)
    errors.push(...validateItem(limit, field))
  }
  return errors
}

const standardTypes = ['Pod', 'Container', 'PersistentVolumeClaim']
function validateType(type: string, field: string): FieldError[] {
  const errors = checkField(type, field, qualifiedName)
  if (errors.length > 0 || type.includes('/') || standardTypes.includes(type)) return errors
  return [fieldErrors.invalid(field, type, 'must be a standard limit type or fully qualified')]
}

type Member = 'max' | 'min' | 'default' | 'defaultRequest' | 'maxLimitRequestRatio'

function validateItem(limit: LimitRangeItem, field: string): FieldError[] {
  const errors: FieldError[] = []
  const names = new Set<string>()
  const ofContainers = limit.type === 'Pod' || limit.type === 'Container'
  const checkName = ofContainers ? validateContainerResourceName : validateResourceName
  const collect = (member: Member) => {
    for (const name of Object.keys(limit[member] ?? {})) {
      errors.push(...checkName(name, `${field}.${member}[${name}]`))
      names.add(name)
    }
  }
  collect('max')
  collect('min')
  if (limit.type === 'Pod') {
    for (const member of ['default', 'defaultRequest'] as const) {
      if (Object.keys(limit[member] ?? {}).length === 0) continue
      errors.push(fieldErrors.forbidden(`${field}.${member}`, "may not be specified when `type` is 'Pod'"))
    }
  } else {
    collect('default')
    collect('defaultRequest')
  }
  if (limit.type === 'PersistentVolumeClaim' && !limit.min?.['storage'] && !limit.max?.['storage']) {
    const detail = 'either minimum or maximum storage value is required, but neither was provided'
    errors.push(fieldErrors.required(`${field}.limits`, detail))
  }
  collect('maxLimitRequestRatio')
  for (const name of names) errors.push(...validateOrder(name, limit, field))
  return errors
}

/** min ≤ default request ≤ default ≤ max, and what follows for the ratio of limits to requests. */
function validateOrder(name: string, limit: LimitRangeItem, field: string): FieldError[] {
  const isPod = limit.type === 'Pod'
  const of = (list: ResourceList | undefined) => list?.[name]
  const [min, max, ratio] = [of(limit.min), of(limit.max), of(limit.maxLimitRequestRatio)]
  const fallback = isPod ? undefined : of(limit.default)
  const request = isPod ? undefined : of(limit.defaultRequest)
  const errors: FieldError[] = []
  const above = (a: string | undefined, b: string | undefined): boolean =>
    a !== undefined && b !== undefined && compareQuantities(a, b) > 0
  const wrong = (member: Member, bad: string | undefined, detail: string) =>
    errors.push(fieldErrors.invalid(`${field}.${member}[${name}]`, bad, detail))
  if (above(min, max)) wrong('min', min, `min value ${min} is greater than max value ${max}`)
  if (above(min, request)) {
    wrong('defaultRequest', request, `min value ${min} is greater than default request value ${request}`)
  }
  if (above(request, max)) {
    wrong('defaultRequest', request, `default request value ${request} is greater than max value ${max}`)
  }
  if (above(request, fallback)) {
    const detail = `default request value ${request} is greater than default limit value ${fallback}`
    wrong('defaultRequest', request, detail)
  }
  if (above(min, fallback)) wrong('default', min, `min value ${min} is greater than default value ${fallback}`)
  if (above(fallback, max)) wrong('default', max, `default value ${fallback} is greater than max value ${max}`)
  if (ratio !== undefined && compareQuantities(ratio, '1') < 0) {
    wrong('maxLimitRequestRatio', ratio, `ratio ${ratio} is less than 1`)
  }
  if (ratio !== undefined && min !== undefined && max !== undefined) {
    const most = highestRatio(ratio, min, max)
    if (most.ratio > most.limit) {
      const detail = `ratio ${ratio} is greater than max/min = ${most.limit.toFixed(6)}`
      wrong('maxLimitRequestRatio', ratio, detail)
    }
  }
  if (
    !isOvercommitAllowed(name) &&
    fallback !== undefined &&
    request !== undefined &&
    compareQuantities(fallback, request) !== 0
  ) {
    const detail = `default value ${fallback} must equal to defaultRequest value ${request} in ${name}`
    wrong('defaultRequest', request, detail)
  }
  return errors
}

const maxMilliValue = Math.floor(Number(2n ** 63n - 1n) / 1000)

/** Counted in thousandths where the numbers allow it. */
function highestRatio(ratio: string, min: string, max: string): { ratio: number; limit: number } {
  const values = [ratio, min, max].map(quantityValue)
  if (values.every((value) => value < maxMilliValue)) {
    return { ratio: quantityMilliValue(ratio) / 1000, limit: quantityMilliValue(max) / quantityMilliValue(min) }
  }
  return { ratio: values[0]!, limit: values[2]! / values[1]! }
}
