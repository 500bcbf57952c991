import { RE2JS } from 're2js'
import { fieldErrors, goJson, goQuote, type FieldError } from '../../field-error.ts'
import { jsonEqual } from '../../json.ts'
import type { Correlated } from './correlated.ts'
import { formatCheck, supportedFormat } from './formats.ts'
import type { JsonSchema } from './json-schema.ts'

/**
 * Checks a value against a custom resource's schema, with the words of kube-openapi (pkg/validation/validate and errors)
 * as upstream turns them into field errors (apiextensions pkg/apiserver/validation). `field`: that of the value, which the
 * messages do not repeat; '' for the root. `before`: the value and what it was; what has not changed is not found
 * faulty (KEP-4008).
 */
export function validateValue(schema: JsonSchema, value: unknown, field = '', before?: Correlated): FieldError[] {
  const { errors } = checkChange(schema, value, '', before)
  if (field === '') return errors
  return errors.map((error) => ({ ...error, field: error.field === '<nil>' ? field : `${field}.${error.field}` }))
}

interface Outcome {
  readonly errors: FieldError[]
  /** How many checks passed: of several failing alternatives, the one with most is reported. */
  matches: number
}

type JsonType = 'null' | 'boolean' | 'string' | 'integer' | 'number' | 'array' | 'object'

function typeOf(value: unknown): JsonType {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  if (typeof value === 'bigint') return 'integer'
  return typeof value as JsonType
}

/** Upstream's names of fields: of errors without one, `<nil>`. */
const fieldOf = (path: string): string => (path === '' ? '<nil>' : path.replace(/^\./, ''))

function checkChange(schema: JsonSchema, value: unknown, path: string, before: Correlated | undefined): Outcome {
  const outcome = check(schema, value, path, before)
  return outcome.errors.length > 0 && before?.unchanged === true ? { ...outcome, errors: [] } : outcome
}

/**
 * `before` is of use to what lies in the value. Each check counts as a match whatever it finds; a few count again when
 * they find nothing.
 */
function check(schema: JsonSchema, value: unknown, path: string, before: Correlated | undefined): Outcome {
  const outcome: Outcome = { errors: [], matches: 0 }
  const type = typeOf(value)
  checkType(schema, type, path, outcome)
  if (type === 'null') {
    checkEnum(schema, value, path, outcome)
    return outcome
  }
  // Its own, and those of alternatives (twice) and enum, which all values have.
  outcome.matches += 4
  if (schema.type || schema['x-kubernetes-int-or-string']) outcome.matches++
  checkAlternatives(schema, value, path, before, outcome)
  if (typeof value === 'string') checkString(schema, value, path, outcome)
  if (typeof value === 'number') checkNumber(schema, value, path, outcome)
  if (Array.isArray(value)) checkArray(schema, value, path, before, outcome)
  checkEnum(schema, value, path, outcome)
  if (type === 'object') checkObject(schema, value as Record<string, unknown>, path, before, outcome)
  return outcome
}

/** Keeps errors that say the same once. */
function add(outcome: Outcome, ...errors: FieldError[]): void {
  for (const error of errors) {
    const known = outcome.errors.some(
      ({ type, field, detail }) => type === error.type && field === error.field && detail === error.detail,
    )
    if (!known) outcome.errors.push(error)
  }
}

function merge(outcome: Outcome, other: Outcome): void {
  add(outcome, ...other.errors)
  outcome.matches += other.matches
}

/** Go's names of the forms that numbers are decoded to. */
const formatsOfTypes: Partial<Record<JsonType, string>> = { integer: 'int64', number: 'float64' }

function checkType(schema: JsonSchema, type: JsonType, path: string, outcome: Outcome): void {
  const allowed = schema['x-kubernetes-int-or-string'] ? ['integer', 'string'] : schema.type ? [schema.type] : []
  const wrong = (expected: string, found: string) => {
    const message = `${path} in body must be of type ${expected}: ${goQuote(found)}`
    add(outcome, fieldErrors.typeInvalid(fieldOf(path), found, message))
  }
  if (type === 'null') {
    if (allowed.length > 0 && schema.nullable !== true) wrong(allowed.join(','), type)
    else outcome.matches++
    return
  }
  const format = supportedFormat(schema)
  if (allowed.length === 0 && format === undefined) return
  const fits = allowed.includes(type) || (type === 'integer' && allowed.includes('number'))
  if (format !== undefined) {
    const isText = type === 'string' || type === 'array'
    const found = formatsOfTypes[type] ?? ''
    if (!isText && !fits && found !== format) return wrong(format, found)
    // Whoever checks the format checks the type.
    if (isText && !allowed.includes('number') && !allowed.includes('integer')) return void outcome.matches++
  }
  if (fits) outcome.matches++
  else wrong(allowed.join(','), type)
}

function checkEnum(schema: JsonSchema, value: unknown, path: string, outcome: Outcome): void {
  if (schema.enum === undefined || schema.enum.length === 0) return
  if (!schema.enum.some((allowed) => allowed !== null && jsonEqual(allowed, asNative(value, allowed))))
    add(
      outcome,
      fieldErrors.notSupported(
        fieldOf(path),
        value,
        schema.enum.map((allowed) => (typeof allowed === 'string' ? allowed : goJson(allowed))),
      ),
    )
}

/** A number is converted to an integer before it is compared with one. */
function asNative(value: unknown, allowed: unknown): unknown {
  return typeof value === 'number' && Number.isInteger(allowed) ? Math.trunc(value) : value
}

function checkAlternatives(
  schema: JsonSchema,
  value: unknown,
  path: string,
  before: Correlated | undefined,
  outcome: Outcome,
): void {
  const composite = (message: string) => add(outcome, fieldErrors.invalid('<nil>', '', message))
  const best = (outcomes: readonly Outcome[]) =>
    outcomes.reduce((most, one) => (one.matches > most.matches ? one : most))
  if (schema.anyOf?.length) {
    const outcomes = schema.anyOf.map((one) => check(one, value, path, before))
    const valid = outcomes.find((one) => one.errors.length === 0)
    if (valid === undefined) composite(`${goQuote(path)} must validate at least one schema (anyOf)`)
    merge(outcome, valid ?? best(outcomes))
  }
  if (schema.oneOf?.length) {
    const outcomes = schema.oneOf.map((one) => check(one, value, path, before))
    const valid = outcomes.filter((one) => one.errors.length === 0)
    if (valid.length === 1) merge(outcome, valid[0]!)
    else {
      composite(
        `${goQuote(path)} must validate one and only one schema (oneOf). ${valid.length === 0 ? 'Found none valid' : `Found ${valid.length} valid alternatives`}`,
      )
      if (valid.length === 0) merge(outcome, best(outcomes))
    }
  }
  if (schema.allOf?.length) {
    const outcomes = schema.allOf.map((one) => check(one, value, path, before))
    const valid = outcomes.filter((one) => one.errors.length === 0).length
    for (const one of outcomes) merge(outcome, one)
    if (valid !== outcomes.length)
      composite(`${goQuote(path)} must validate all the schemas (allOf)${valid === 0 ? '. None validated' : ''}`)
  }
  if (schema.not !== undefined && check(schema.not, value, path, before).errors.length === 0)
    composite(`${goQuote(path)} must not validate the schema (not)`)
}

const patterns = new Map<string, RE2JS | string>()

/** RE2 in linear time; a pattern that is none is kept as its error. */
function compiled(pattern: string): RE2JS | string {
  let known = patterns.get(pattern)
  if (known === undefined) {
    try {
      known = RE2JS.compile(pattern)
    } catch (error) {
      known = (error as Error).message
    }
    if (patterns.size > 10_000) patterns.clear()
    patterns.set(pattern, known)
  }
  return known
}

function checkString(schema: JsonSchema, value: string, path: string, outcome: Outcome): void {
  const field = fieldOf(path)
  const length = schema.maxLength !== undefined || schema.minLength !== undefined ? [...value].length : 0
  const invalid = (message: string) => add(outcome, fieldErrors.invalid(field, value, `${path} in body ${message}`))
  // Upstream reports the first of these only.
  if (schema.maxLength !== undefined && length > schema.maxLength)
    add(outcome, fieldErrors.tooLong(field, value, schema.maxLength))
  else if (schema.minLength !== undefined && length < schema.minLength)
    invalid(`should be at least ${schema.minLength} chars long`)
  else if (schema.pattern) {
    const pattern = compiled(schema.pattern)
    if (typeof pattern === 'string') invalid(`should match '${schema.pattern}, but pattern is invalid: ${pattern}'`)
    else if (!pattern.matcher(value).find()) invalid(`should match '${schema.pattern}'`)
  }
  outcome.matches++
  const format = supportedFormat(schema)
  const check = format === undefined ? undefined : formatCheck(format)
  if (check === undefined) return
  outcome.matches++
  if (check(value)) return
  const message = `${path} in body must be of type ${format}: ${goQuote(value)}`
  add(outcome, fieldErrors.typeInvalid(field, value, message))
}

function checkNumber(schema: JsonSchema, value: number, path: string, outcome: Outcome): void {
  const { type, multipleOf, maximum, minimum, exclusiveMaximum, exclusiveMinimum } = schema
  const format = supportedFormat(schema)
  const field = fieldOf(path)
  // Its bounds are of the value's own kind.
  const native = (bound: number) => (Number.isInteger(value) ? Math.trunc(bound) : bound)
  const invalid = (message: string) => add(outcome, fieldErrors.invalid(field, value, `${path} in body ${message}`))
  const unfit = (what: string, number: number) => {
    const wrong = type === 'integer' && !Number.isInteger(number)
    if (!wrong && !outOfRange(number, format)) return false
    const of = format === undefined ? '(default format)' : `with format ${format}`
    const message = `${what} must be of type ${type} ${of} in ${path}`
    add(outcome, fieldErrors.invalid('<nil>', '', message))
    return true
  }
  unfit('Checked value', value)
  if (multipleOf !== undefined) {
    const factor = unfit('MultipleOf value', multipleOf) ? multipleOf : native(multipleOf)
    if (factor <= 0) {
      const message = `factor MultipleOf declared for ${path} must be positive: ${goFloat(factor)}`
      add(outcome, fieldErrors.invalid(field, factor, message))
    } else if (!isMultiple(value, factor)) invalid(`should be a multiple of ${goFloat(factor)}`)
  }
  if (minimum !== undefined) {
    const least = unfit('Minimum boundary value', minimum) ? minimum : native(minimum)
    if (exclusiveMinimum ? value <= least : value < least)
      invalid(`should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${goFloat(least)}`)
  }
  if (maximum !== undefined) {
    const most = unfit('Maximum boundary value', maximum) ? maximum : native(maximum)
    if (exclusiveMaximum ? value >= most : value > most)
      invalid(`should be less than ${exclusiveMaximum ? '' : 'or equal to '}${goFloat(most)}`)
  }
  outcome.matches += 2
}

function outOfRange(value: number, format: string | undefined): boolean {
  if (format === 'int32') return value > 2147483647 || value < -2147483648
  return format === 'float' && Math.abs(value) > 3.4028234663852886e38
}

function isMultiple(value: number, factor: number): boolean {
  if (Number.isInteger(value)) return value % factor === 0
  const times = factor < 1 ? (1 / factor) * value : value / factor
  return Math.abs(times - Math.round(times)) <= 1e-9
}

/** Go's %v of a float64: shortest digits, an exponent below 1e-4 and from 1e21 on. */
function goFloat(value: number): string {
  const magnitude = Math.abs(value)
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e21))
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
  return String(value)
}

function checkArray(
  schema: JsonSchema,
  value: readonly unknown[],
  path: string,
  before: Correlated | undefined,
  outcome: Outcome,
): void {
  const field = fieldOf(path)
  const { items } = schema
  if (items !== undefined)
    for (const [index, item] of value.entries())
      merge(outcome, checkChange(items, item, `${path}[${index}]`, before?.item(index)))
  if (schema.minItems !== undefined && value.length < schema.minItems)
    add(
      outcome,
      fieldErrors.invalid(field, value.length, `${path} in body should have at least ${schema.minItems} items`),
    )
  if (schema.maxItems !== undefined && value.length > schema.maxItems)
    add(outcome, fieldErrors.tooMany(field, value.length, schema.maxItems))
  if (
    schema.uniqueItems &&
    value.some((item, index) => value.slice(0, index).some((other) => jsonEqual(item, other)))
  ) {
    add(outcome, fieldErrors.invalid(field, '', `${path} in body shouldn't contain duplicates`))
  }
  outcome.matches += 2
}

function checkObject(
  schema: JsonSchema,
  value: Record<string, unknown>,
  path: string,
  before: Correlated | undefined,
  outcome: Outcome,
): void {
  const field = fieldOf(path)
  const keys = Object.keys(value)
  const child = (key: string) => (path === '' ? key : `${path}.${key}`)
  // Old and new are of the same version: a change of it cannot be seen.
  const wasBefore = (key: string) =>
    path === '' && (key === 'apiVersion' || key === 'kind') ? undefined : before?.member(key)
  if (schema.minProperties !== undefined && keys.length < schema.minProperties) {
    add(
      outcome,
      fieldErrors.invalid(
        field,
        keys.length,
        `${path} in body should have at least ${schema.minProperties} properties`,
      ),
    )
  }
  if (schema.maxProperties !== undefined && keys.length > schema.maxProperties)
    add(outcome, fieldErrors.tooMany(field, keys.length, schema.maxProperties))
  const properties = schema.properties ?? {}
  for (const key of keys) {
    if (Object.hasOwn(properties, key)) continue
    if (schema.additionalProperties === false)
      add(outcome, fieldErrors.invalid(field, key, `${path}.${key} in body is a forbidden property`))
    else if (typeof schema.additionalProperties === 'object')
      merge(outcome, checkChange(schema.additionalProperties, value[key], `${path}.${key}`, wasBefore(key)))
  }
  for (const [key, property] of Object.entries(properties))
    if (Object.hasOwn(value, key)) merge(outcome, checkChange(property, value[key], child(key), wasBefore(key)))
  for (const key of schema.required ?? [])
    if (!Object.hasOwn(value, key)) add(outcome, fieldErrors.required(child(key)))
  outcome.matches++
}
