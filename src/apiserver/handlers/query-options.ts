import { badRequest } from '../../machinery/errors.ts'
import { goQuote } from '../../machinery/field-error.ts'
import type { Query } from '../routing/query.ts'
import { isTrue } from '../routing/request-info.ts'

/** Go's conversion of query values (apimachinery pkg/runtime/conversion.go): anything but `0` and `false` is true. */
export function booleanOption(query: Query, name: string): boolean {
  return isTrue(query.get(name))
}

/** Throws BadRequest with strconv's words. */
export function integerOption(query: Query, name: string): number | undefined {
  const text = query.get(name)
  if (text === undefined) return undefined
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${goQuote(text)}: invalid syntax`)
  const value = Number(text)
  if (!Number.isSafeInteger(value) && BigInt.asIntN(64, BigInt(text)) !== BigInt(text)) {
    throw badRequest(`strconv.ParseInt: parsing ${goQuote(text)}: value out of range`)
  }
  return value
}

/** Options of create, update and patch. */
export interface WriteOptions {
  readonly dryRun: readonly string[]
  readonly fieldManager: string
  readonly fieldValidation: string
  readonly force: boolean | undefined
}

export function parseWriteOptions(query: Query): WriteOptions {
  return {
    dryRun: query.all('dryRun'),
    fieldManager: query.get('fieldManager') ?? '',
    fieldValidation: query.get('fieldValidation') ?? '',
    force: query.has('force') ? booleanOption(query, 'force') : undefined,
  }
}
