import { RE2JS } from 're2js'
import { fieldErrors, goJson, goQuote, type FieldError } from '../../field-error.ts'
import { jsonEqual } from '../../json.ts'
import { formatCheck } from './formats.ts'
import type { JsonSchema } from './json-schema.ts'

/**
 * Checks a value against a custom resource's schema, with the words of kube-openapi (pkg/validation/validate and errors)
 * as upstream turns them into field errors (apiextensions pkg/apiserver/validation). `path`: that of the value, '' for
 * the root.
 */
export function validateValue(schema: JsonSchema, value: unknown, path = ''): FieldError[] {
  return check(schema, value, path).errors
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
const fieldOf = (path: string): string => (path === '' ? '<nil>' : path)

function check(schema: JsonSchema, value: unknown, path: string): Outcome {
  const outcome: Outcome = { errors: [], matches: 1 }
  const type = typeOf(value)
  checkType(schema, value, type, path, outcome)
  if (type === 'null') {
    checkEnum(schema, value, path, outcome)
    return outcome
  }
  checkAlternatives(schema, value, path, outcome)
  if (typeof value === 'string') checkString(schema, value, path, outcome)
  if (typeof value === 'number') checkNumber(schema, value, path, outcome)
  if (Array.isArray(value)) checkArray(schema, value, path, outcome)
  checkEnum(schema, value, path, outcome)
  if (type === 'object') checkObject(schema, value as Record<string, unknown>, path, outcome)
  return outcome
}

function add(outcome: Outcome, ...errors: FieldError[]): void {
  outcome.errors.push(...errors)
}

function merge(outcome: Outcome, other: Outcome): void {
  outcome.errors.push(...other.errors)
  outcome.matches += other.matches
}

function checkType(schema: JsonSchema, _value: unknown, type: JsonType, path: string, outcome: Outcome): void {
  const allowed = schema['x-kubernetes-int-or-string'] ? ['integer', 'string'] : schema.type ? [schema.type] : []
  if (allowed.length === 0) return
  const fits =
    type === 'null'
      ? schema.nullable === true
      : allowed.includes(type) || (type === 'integer' && allowed.includes('number'))
  if (fits) outcome.matches++
  else {
    const message = `${path} in body must be of type ${allowed.join(',')}: ${goQuote(type)}`
    add(outcome, fieldErrors.typeInvalid(fieldOf(path), type, message))
  }
}

function checkEnum(schema: JsonSchema, value: unknown, path: string, outcome: Outcome): void {
  if (schema.enum === undefined || schema.enum.length === 0) return
  if (schema.enum.some((allowed) => jsonEqual(allowed, value))) outcome.matches++
  else
    add(
      outcome,
      fieldErrors.notSupported(
        fieldOf(path),
        value,
        schema.enum.map((allowed) => (typeof allowed === 'string' ? allowed : goJson(allowed))),
      ),
    )
}

function checkAlternatives(schema: JsonSchema, value: unknown, path: string, outcome: Outcome): void {
  const composite = (message: string) => add(outcome, fieldErrors.invalid('<nil>', '', message))
  const best = (outcomes: readonly Outcome[]) =>
    outcomes.reduce((most, one) => (one.matches > most.matches ? one : most))
  if (schema.anyOf?.length) {
    const outcomes = schema.anyOf.map((one) => check(one, value, path))
    const valid = outcomes.find((one) => one.errors.length === 0)
    if (valid === undefined) composite(`${goQuote(path)} must validate at least one schema (anyOf)`)
    merge(outcome, valid ?? best(outcomes))
  }
  if (schema.oneOf?.length) {
    const outcomes = schema.oneOf.map((one) => check(one, value, path))
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
    const outcomes = schema.allOf.map((one) => check(one, value, path))
    const valid = outcomes.filter((one) => one.errors.length === 0).length
    for (const one of outcomes) merge(outcome, one)
    if (valid !== outcomes.length)
      composite(`${goQuote(path)} must validate all the schemas (allOf)${valid === 0 ? '. None validated' : ''}`)
  }
  if (schema.not !== undefined && check(schema.not, value, path).errors.length === 0)
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
    else outcome.matches++
  } else outcome.matches++
  const format = schema.format && (schema.type === 'string' || !schema.type) ? formatCheck(schema.format) : undefined
  if (format !== undefined) {
    if (format(value)) outcome.matches++
    else
      add(
        outcome,
        fieldErrors.typeInvalid(field, value, `${path} in body must be of type ${schema.format}: ${goQuote(value)}`),
      )
  }
}

function checkNumber(schema: JsonSchema, value: number, path: string, outcome: Outcome): void {
  const invalid = (message: string) => add(outcome, fieldErrors.invalid(fieldOf(path), value, message))
  const { type, format, multipleOf, maximum, minimum, exclusiveMaximum, exclusiveMinimum } = schema
  if (type === 'integer' && format === 'int32' && (value > 2147483647 || value < -2147483648))
    invalid(`Checked value must be of type integer with format int32 in ${path}`)
  if (type === 'number' && format === 'float' && Math.abs(value) > 3.4028234663852886e38)
    invalid(`Checked value must be of type number with format float in ${path}`)
  if (multipleOf !== undefined) {
    const times = multipleOf < 1 ? (1 / multipleOf) * value : value / multipleOf
    if (multipleOf <= 0) invalid(`factor MultipleOf declared for ${path} must be positive: ${goFloat(multipleOf)}`)
    else if (Math.abs(times - Math.round(times)) > 1e-9)
      invalid(`${path} in body should be a multiple of ${goFloat(multipleOf)}`)
  }
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    invalid(`${path} in body should be less than ${exclusiveMaximum ? '' : 'or equal to '}${goFloat(maximum)}`)
  }
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    invalid(`${path} in body should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${goFloat(minimum)}`)
  }
  if (outcome.errors.length === 0) outcome.matches++
}

/** Go's %v of a float64: shortest digits, an exponent below 1e-4 and from 1e21 on. */
function goFloat(value: number): string {
  const magnitude = Math.abs(value)
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e21))
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
  return String(value)
}

function checkArray(schema: JsonSchema, value: readonly unknown[], path: string, outcome: Outcome): void {
  const field = fieldOf(path)
  if (schema.items) value.forEach((item, index) => merge(outcome, check(schema.items!, item, `${path}[${index}]`)))
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
  outcome.matches++
}

function checkObject(schema: JsonSchema, value: Record<string, unknown>, path: string, outcome: Outcome): void {
  const field = fieldOf(path)
  const keys = Object.keys(value)
  const child = (key: string) => (path === '' ? key : `${path}.${key}`)
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
      merge(outcome, check(schema.additionalProperties, value[key], child(key)))
  }
  for (const [key, property] of Object.entries(properties))
    if (Object.hasOwn(value, key)) merge(outcome, check(property, value[key], child(key)))
  for (const key of schema.required ?? [])
    if (!Object.hasOwn(value, key)) add(outcome, fieldErrors.required(child(key)))
  outcome.matches++
}
