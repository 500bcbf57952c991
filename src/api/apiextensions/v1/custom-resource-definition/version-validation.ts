import { fieldErrors, pointedText, type FieldError } from '../../../../machinery/field-error.ts'
import { InvalidFieldPath, ruleFieldPath } from '../../../../machinery/schema/expressions/rule-field-path.ts'
import type { JsonSchema } from '../../../../machinery/schema/values/json-schema.ts'
import type {
  CustomResourceColumnDefinition,
  CustomResourceSubresources,
  SelectableField,
} from '../../../types.generated.ts'
import type { Schema } from './schema/schema.ts'

/** What a version says beside its schema (validation.go). */
const columnTypes = ['boolean', 'date', 'integer', 'number', 'string']
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']

export function validateColumns(
  columns: readonly CustomResourceColumnDefinition[] | undefined,
  field: string,
): FieldError[] {
  return (columns ?? []).flatMap((column, index) => validateColumn(column, `${field}[${index}]`))
}

function validateColumn({ name, type, format, jsonPath }: CustomResourceColumnDefinition, field: string): FieldError[] {
  const errors: FieldError[] = []
  if (!name) errors.push(fieldErrors.required(`${field}.name`))
  const oneOfTypes = `must be one of ${columnTypes.join(',')}`
  if (!type) errors.push(fieldErrors.required(`${field}.type`, oneOfTypes))
  else if (!columnTypes.includes(type)) errors.push(fieldErrors.invalid(`${field}.type`, type, oneOfTypes))
  if (format && !columnFormats.includes(format))
    errors.push(fieldErrors.invalid(`${field}.format`, format, `must be one of ${columnFormats.join(',')}`))
  if (!jsonPath) errors.push(fieldErrors.required(`${field}.JSONPath`))
  else errors.push(...validateSimplePath(jsonPath, `${field}.JSONPath`))
  return errors
}

function validateSimplePath(path: string, field: string): FieldError[] {
  return path.startsWith('.') ? [] : [fieldErrors.invalid(field, path, 'must be a simple json path starting with .')]
}

export function validateSubresources(
  subresources: CustomResourceSubresources | undefined,
  field: string,
): FieldError[] {
  const { scale } = subresources ?? {}
  if (!scale) return []
  const check = (path: string | undefined, at: string, roots: readonly string[], where: string): FieldError[] => {
    if (!path) return [fieldErrors.required(at)]
    const errors = validateSimplePath(path, at)
    if (errors.length > 0 || roots.some((root) => path.startsWith(root))) return errors
    return [fieldErrors.invalid(at, path, `should be a json path under ${where}`)]
  }
  const selector = scale.labelSelectorPath
  return [
    ...check(scale.specReplicasPath, `${field}.scale.specReplicasPath`, ['.spec.'], '.spec'),
    ...check(scale.statusReplicasPath, `${field}.scale.statusReplicasPath`, ['.status.'], '.status'),
    ...(selector
      ? check(selector, `${field}.scale.labelSelectorPath`, ['.spec.', '.status.'], 'either .spec or .status')
      : []),
  ]
}

export const maxSelectableFields = 8
const selectableTypes: readonly string[] = ['string', 'boolean', 'integer']

/** `allowTooMany`: there were too many before. */
export function validateSelectableFields(
  selectable: readonly SelectableField[],
  schema: Schema,
  field: string,
  allowTooMany: boolean,
): FieldError[] {
  const errors: FieldError[] = []
  const known = new Set<string>()
  for (const [index, { jsonPath }] of selectable.entries()) {
    const at = `${field}[${index}].jsonPath`
    if (!jsonPath) {
      errors.push(fieldErrors.required(at))
      continue
    }
    const wrong = (detail: string) => errors.push(fieldErrors.invalid(at, jsonPath, detail))
    const found = findField(jsonPath, schema)
    if (found instanceof InvalidFieldPath) {
      wrong(`is an invalid path: ${found.message}`)
      continue
    }
    if (/^metadata(\.|\[|$)/.test(found.path)) wrong('must not point to fields in metadata')
    if (!selectableTypes.includes(found.schema.type ?? ''))
      wrong(
        'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
      )
    if (known.has(found.path)) errors.push(fieldErrors.duplicate(at, jsonPath))
    known.add(found.path)
  }
  if (known.size > maxSelectableFields && !allowTooMany)
    errors.push(fieldErrors.tooMany(field, known.size, maxSelectableFields))
  return errors
}

function findField(path: string, schema: Schema) {
  try {
    return ruleFieldPath(path, schema as JsonSchema, false)
  } catch (error) {
    if (error instanceof InvalidFieldPath) return error
    throw error
  }
}

/** Characters that Go's unicode.IsPrint lets through. */
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u

export function validateDeprecation(deprecated: boolean, warning: string | undefined, field: string): FieldError[] {
  if (warning === undefined) return []
  const wrong = (detail: string) => fieldErrors.invalid(field, pointedText(warning), detail)
  if (!deprecated) return [wrong('can only be set for deprecated versions')]
  const errors: FieldError[] = []
  if (Buffer.byteLength(warning) > 256) errors.push(wrong('must be <= 256 characters long'))
  if (warning === '') errors.push(wrong('must not be an empty string'))
  let index = 0
  for (const char of warning) {
    if (!printable.test(char)) {
      const detail = `must only contain printable UTF-8 characters; non-printable character found at index ${index}`
      errors.push(wrong(detail))
      break
    }
    index += Buffer.byteLength(char)
  }
  return errors
}
