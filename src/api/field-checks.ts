import { fieldErrors, nilValue, type FieldError } from '../machinery/field-error.ts'
import { jsonEqual } from '../machinery/json.ts'
import { compareQuantities } from '../machinery/quantity.ts'

/** Checks of a single field that the rules of many kinds make (pkg/apis/core/validation and its siblings). */

/** What `check` says of the value, as errors of the field. */
export function checkField<T>(value: T, field: string, check: (value: T) => readonly string[]): FieldError[] {
  return check(value).map((text) => fieldErrors.invalid(field, value, text))
}

/** The value must be there, and pass `check`. */
export function checkRequired(
  value: string | undefined,
  field: string,
  check: (value: string) => readonly string[] = () => [],
): FieldError[] {
  return value ? checkField(value, field, check) : [fieldErrors.required(field)]
}

export function requireAll<T extends object>(object: T, field: string, ...members: (keyof T & string)[]): FieldError[] {
  return members.filter((member) => !object[member]).map((member) => fieldErrors.required(`${field}.${member}`))
}

/** `supported` in the order in which upstream lists it. */
export function checkOneOf(value: string | undefined, field: string, supported: readonly string[]): FieldError[] {
  return supported.includes(value ?? '') ? [] : [fieldErrors.notSupported(field, value ?? '', supported)]
}

/** As {@link checkOneOf}, for a field that has to be set. */
export function checkRequiredOneOf(
  value: string | undefined,
  field: string,
  supported: readonly string[],
): FieldError[] {
  return value ? checkOneOf(value, field, supported) : [fieldErrors.required(field)]
}

export function checkPositive(value: number | undefined, field: string): FieldError[] {
  return (value ?? 0) > 0 ? [] : [fieldErrors.invalid(field, value ?? 0, 'must be greater than zero')]
}

export function checkNonnegativeQuantity(quantity: string, field: string): FieldError[] {
  return compareQuantities(quantity, '0') < 0
    ? [fieldErrors.invalid(field, quantity, 'must be greater than or equal to 0')]
    : []
}

export function checkPositiveQuantity(quantity: string, field: string): FieldError[] {
  return compareQuantities(quantity, '0') <= 0
    ? [fieldErrors.invalid(field, quantity, 'must be greater than zero')]
    : []
}

/** A number or a name of a port. */
export function checkPort(port: number | string | undefined, field: string, rules: PortChecks): FieldError[] {
  return typeof port === 'string' ? checkField(port, field, rules.name) : checkField(port ?? 0, field, rules.number)
}
export interface PortChecks {
  number(port: number): readonly string[]
  name(port: string): readonly string[]
}

/** Immutability that is declared with the type; unlike validateImmutable it does not tell the value. */
export function checkUnchanged(value: unknown, old: unknown, field: string): FieldError[] {
  return jsonEqual(value, old) ? [] : [fieldErrors.invalid(field, nilValue, 'field is immutable')]
}
