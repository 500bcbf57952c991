import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { isObject } from '../../../machinery/json.ts'
import { byteLength } from '../../../machinery/validation/message-text.ts'
import type { RawExtension } from '../../types.generated.ts'

/** Checks of lists and maps that are not read when they are too long (pkg/apis/resource/validation validateSlice). */

type CheckItem<T> = (item: T, field: string) => FieldError[]

/** How long a list may be, and whether that is declared with the type (and reported there). */
interface Size {
  readonly max?: number
  readonly declared?: boolean
}

/** What holds for each item; `key`: and that no two are the same. */
export function checkItems<T>(
  items: readonly T[] | null | undefined,
  field: string,
  { max, declared = false, key }: Size & { readonly key?: (item: T) => string },
  check: CheckItem<T>,
): FieldError[] {
  if (!items) return []
  if (max !== undefined && items.length > max) return declared ? [] : [fieldErrors.tooMany(field, items.length, max)]
  const errors = items.flatMap((item, index) => check(item, `${field}[${index}]`))
  if (key === undefined) return errors
  const seen = new Set<string>()
  for (const [index, item] of items.entries()) {
    const name = key(item)
    if (seen.has(name)) errors.push(fieldErrors.duplicate(`${field}[${index}]`, name))
    seen.add(name)
  }
  return errors
}

/** `truncate`: the longest key that is shown in full. */
export function checkEntries<T>(
  map: Readonly<Record<string, T>> | undefined,
  field: string,
  { max, truncate }: { readonly max?: number; readonly truncate: number },
  checkKey: CheckItem<string>,
  check: CheckItem<T>,
): FieldError[] {
  const entries = Object.entries(map ?? {})
  if (max !== undefined && entries.length > max) return [fieldErrors.tooMany(field, entries.length, max)]
  return entries.flatMap(([key, value]) => [
    ...checkKey(key, field),
    ...check(value, `${field}[${truncated(key, truncate)}]`),
  ])
}

function truncated(text: string, max: number): string {
  if (text.length <= max) return text
  const remaining = max - 3
  return `${text.slice(0, (remaining + 1) >> 1)}...${text.slice(text.length - (remaining >> 1))}`
}

/** Parameters that are passed on: a JSON object of a limited size, unless it was stored before there was a limit. */
export function checkJsonObject(
  value: RawExtension | undefined,
  field: string,
  maxBytes: number,
  stored: boolean,
): FieldError[] {
  if (value === undefined || value === null) return [fieldErrors.required(field)]
  if (!stored && byteLength(JSON.stringify(value)) > maxBytes) return [fieldErrors.tooLong(field, '', maxBytes)]
  return isObject(value) ? [] : [fieldErrors.invalid(field, '<value omitted>', 'must be a valid JSON object')]
}
