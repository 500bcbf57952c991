import { goQuote } from '../field-error.ts'

/**
 * Field selectors: `metadata.name=a,status.phase!=Running` (apimachinery pkg/fields/selector.go). In a value, `\\`,
 * `\,` and `\=` stand for the character itself.
 */
export interface FieldRequirement {
  readonly field: string
  readonly operator: '=' | '!='
  readonly value: string
}

/** Values by field; a field that is not there counts as ''. */
export type Fields = Readonly<Record<string, string>>

export interface FieldSelector {
  matches(fields: Fields): boolean
  readonly empty: boolean
  readonly requirements: readonly FieldRequirement[]
  /** The value that the field must have, when the selector says so. */
  exactValue(field: string): string | undefined
  toString(): string
}

/** A selector that cannot be read, or that names a field that cannot be selected by; the message is upstream's. */
export class FieldSelectorError extends Error {
  override readonly name = 'FieldSelectorError'
}

export function fieldSelectorOf(requirements: readonly FieldRequirement[]): FieldSelector {
  return {
    matches: (fields) => {
      for (const { field, operator, value } of requirements) {
        const actual = Object.hasOwn(fields, field) ? fields[field]! : ''
        if ((actual === value) !== (operator === '=')) return false
      }
      return true
    },
    empty: requirements.length === 0,
    requirements,
    exactValue: (field) => requirements.find((one) => one.field === field && one.operator === '=')?.value,
    toString: () =>
      requirements.map(({ field, operator, value }) => `${field}${operator}${escapeFieldValue(value)}`).join(','),
  }
}

export const everyField: FieldSelector = fieldSelectorOf([])

export function escapeFieldValue(value: string): string {
  return value.replace(/[\\,=]/g, '\\$&')
}

export function unescapeFieldValue(text: string): string {
  let value = ''
  let escaped = false
  for (const char of text) {
    if (escaped) {
      if (!'\\,='.includes(char)) {
        throw new FieldSelectorError(`invalid field selector: invalid escape sequence: \\${char}`)
      }
      value += char
      escaped = false
    } else if (char === '\\') escaped = true
    else if (char === ',' || char === '=') {
      throw new FieldSelectorError(`invalid field selector: unescaped character in value: ${char.charCodeAt(0)}`)
    } else value += char
  }
  if (escaped) throw new FieldSelectorError('invalid field selector: invalid escape sequence: \\')
  return value
}

function splitTerms(text: string): string[] {
  const terms: string[] = []
  let start = 0
  let escaped = false
  for (let at = 0; at < text.length; at++) {
    if (escaped) escaped = false
    else if (text[at] === '\\') escaped = true
    else if (text[at] === ',') {
      terms.push(text.slice(start, at))
      start = at + 1
    }
  }
  terms.push(text.slice(start))
  return terms
}

/** The name under which a kind knows the field; throws FieldSelectorError when it cannot be selected by. */
export type FieldConversion = (field: string) => string

/** For kinds that can be selected by their name and namespace only (runtime.DefaultMetaV1FieldSelectorConversion). */
export function metadataField(field: string): string {
  if (field === 'metadata.name' || field === 'metadata.namespace') return field
  throw new FieldSelectorError(
    `${goQuote(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
  )
}

export function fieldAmong(
  names: readonly string[],
  unknown = (field: string) => `field label not supported: ${field}`,
): FieldConversion {
  return (field) => {
    if (names.includes(field)) return field
    throw new FieldSelectorError(unknown(field))
  }
}

/** Throws FieldSelectorError. */
export function parseFieldSelector(text: string, convert: FieldConversion = (field) => field): FieldSelector {
  const requirements: FieldRequirement[] = []
  for (const term of splitTerms(text).sort()) {
    if (term === '') continue
    const operator = /!=|==|=/.exec(term)
    if (operator === null) {
      throw new FieldSelectorError(`invalid selector: '${text}'; can't understand '${term}'`)
    }
    const field = term.slice(0, operator.index)
    const value = unescapeFieldValue(term.slice(operator.index + operator[0].length))
    requirements.push({ field, operator: operator[0] === '!=' ? '!=' : '=', value })
  }
  return fieldSelectorOf(requirements.map((one) => ({ ...one, field: convert(one.field) })))
}
