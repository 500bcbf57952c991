/**
 * Errors that name a field, with upstream's words (apimachinery pkg/util/validation/field/errors.go). A validator
 * returns them in the order in which upstream finds them, since people and tests read that order.
 */
export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooShort'
  | 'FieldValueTooMany'
  | 'FieldValueTooFew'
  | 'FieldValueTypeInvalid'
  | 'InternalError'

export interface FieldError {
  readonly type: FieldErrorType
  /** As upstream prints a path: `spec.containers[0].ports[1].name`, `metadata.labels[a/b]`. */
  readonly field: string
  readonly badValue?: unknown
  readonly detail?: string
}

const titles: Record<FieldErrorType, string> = {
  FieldValueNotFound: 'Not found',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooShort: 'Too short',
  FieldValueTooMany: 'Too many',
  FieldValueTooFew: 'Too few',
  FieldValueTypeInvalid: 'Invalid value',
  InternalError: 'Internal error',
}

const withoutValue: ReadonlySet<FieldErrorType> = new Set<FieldErrorType>([
  'FieldValueRequired',
  'FieldValueForbidden',
  'FieldValueTooLong',
  'FieldValueTooShort',
  'InternalError',
])

/** Marks a bad value that is not to be printed (field.OmitValueType). */
export const omitValue: unique symbol = Symbol('omitValue')

/** Marks a bad value that is printed as null, whatever the field has. */
export const nilValue: unique symbol = Symbol('nilValue')

/** The message without the field's name. */
export function errorBody(error: FieldError): string {
  let text = titles[error.type]
  if (!withoutValue.has(error.type) && error.badValue !== omitValue) {
    const value = error.badValue === nilValue ? null : error.badValue
    text += `: ${typeof value === 'string' ? goQuote(value) : value === undefined ? 'null' : goJson(value)}`
  }
  return error.detail ? `${text}: ${error.detail}` : text
}

export function errorText(error: FieldError): string {
  return `${error.field}: ${errorBody(error)}`
}

/** Go's strconv.Quote. */
export function goQuote(text: string): string {
  let out = '"'
  for (const char of text) {
    const code = char.codePointAt(0)!
    if (char === '"' || char === '\\') out += `\\${char}`
    else if (code >= 0x20 && code < 0x7f) out += char
    else if (code === 7) out += '\\a'
    else if (code === 8) out += '\\b'
    else if (code === 9) out += '\\t'
    else if (code === 10) out += '\\n'
    else if (code === 11) out += '\\v'
    else if (code === 12) out += '\\f'
    else if (code === 13) out += '\\r'
    else if (code < 0x20 || code === 0x7f) out += `\\x${code.toString(16).padStart(2, '0')}`
    else if (/[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(char)) out += char
    else if (code < 0x10000) out += `\\u${code.toString(16).padStart(4, '0')}`
    else out += `\\U${code.toString(16).padStart(8, '0')}`
  }
  return `${out}"`
}

/** Go's encoding/json: like JSON.stringify, with <, > and & escaped. */
/** A text that upstream holds by a pointer: such are shown as JSON, not as Go quotes. */
export function pointedText(text: string): { toJSON(): string } {
  return { toJSON: () => text }
}

export function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

type Path = string

export const fieldErrors = {
  notFound: (field: Path, badValue: unknown): FieldError => ({ type: 'FieldValueNotFound', field, badValue }),
  required: (field: Path, detail = ''): FieldError => ({ type: 'FieldValueRequired', field, badValue: '', detail }),
  duplicate: (field: Path, badValue: unknown): FieldError => ({ type: 'FieldValueDuplicate', field, badValue }),
  invalid: (field: Path, badValue: unknown, detail: string): FieldError => ({
    type: 'FieldValueInvalid',
    field,
    badValue,
    detail,
  }),
  typeInvalid: (field: Path, badValue: unknown, detail: string): FieldError => ({
    type: 'FieldValueTypeInvalid',
    field,
    badValue,
    detail,
  }),
  notSupported: (field: Path, badValue: unknown, valid: readonly string[]): FieldError => ({
    type: 'FieldValueNotSupported',
    field,
    badValue,
    detail: valid.length > 0 ? `supported values: ${valid.map(goQuote).join(', ')}` : '',
  }),
  forbidden: (field: Path, detail: string): FieldError => ({
    type: 'FieldValueForbidden',
    field,
    badValue: '',
    detail,
  }),
  tooLong: (field: Path, _badValue: unknown, maxBytes: number): FieldError => ({
    type: 'FieldValueTooLong',
    field,
    badValue: omitValue,
    detail:
      maxBytes >= 0 ? `may not be more than ${maxBytes} ${maxBytes === 1 ? 'byte' : 'bytes'}` : 'value is too long',
  }),
  tooLongCharacters: (field: Path, _badValue: unknown, max: number): FieldError => ({
    type: 'FieldValueTooLong',
    field,
    badValue: omitValue,
    detail: max >= 0 ? `may not be more than ${max} ${max === 1 ? 'character' : 'characters'}` : 'value is too long',
  }),
  tooShort: (field: Path, badValue: unknown, min: number): FieldError => ({
    type: 'FieldValueTooShort',
    field,
    badValue,
    detail: min >= 0 ? `must be at least ${min} ${min === 1 ? 'character' : 'characters'}` : 'value is too short',
  }),
  tooMany: (field: Path, actual: number, max: number): FieldError => ({
    type: 'FieldValueTooMany',
    field,
    badValue: actual >= 0 ? actual : omitValue,
    detail: max >= 0 ? `must have at most ${max} ${max === 1 ? 'item' : 'items'}` : 'has too many items',
  }),
  internal: (field: Path, detail: string): FieldError => ({ type: 'InternalError', field, detail }),
} as const
