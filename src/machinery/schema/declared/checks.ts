import { fieldErrors, nilValue, type FieldError } from '../../field-error.ts'
import { isObject, jsonEqual } from '../../json.ts'
import { dns1123Label, dns1123Subdomain, dns1123SubdomainCaseless } from '../../validation/dns-names.ts'
import { labelKey, prefixedLabelKey } from '../../validation/label-names.ts'
import { byteLength, maxBytes } from '../../validation/message-text.ts'
import { pathSegment } from '../../validation/value-formats.ts'
import {
  checkExtendedResourceName,
  checkFullyQualifiedName,
  checkResourcePoolName,
  uuid,
} from '../../validation/resource-names.ts'

/** A value that is checked, the value that it replaces, and where it is. */
export interface Checked {
  readonly value: unknown
  /** undefined on a create, or when there is none that corresponds. */
  readonly old: unknown
  readonly path: string
  readonly isUpdate: boolean
  /** What Go has here: it decides what counts as given. */
  readonly form: Form
  /** Whether a feature is on, for rules that hold with it or without it only. */
  readonly enabled: (feature: string) => boolean
}
/** A value is given unless it is zero, what is pointed to when it is there, a list or map unless it is empty. */
export type Form = 'value' | 'pointer' | 'collection'
export type Check = (checked: Checked) => FieldError[]

/** The checks of declared validation by name (apimachinery pkg/api/validate). */
export const checks: Readonly<Record<string, (argument: string) => Check>> = {
  required: () => requiredCheck,
  // Stops without an error: what was not given needs no further checks.
  optional: () => requiredCheck,
  forbidden: () => (checked) => (isEmpty(checked) ? [] : [fieldErrors.forbidden(checked.path, '')]),
  immutable:
    () =>
    ({ path, isUpdate }) =>
      isUpdate ? [fieldErrors.invalid(path, nilValue, 'field is immutable')] : [],
  update: (argument) => updateCheck(new Set(argument.split(','))),
  minimum: (argument) => {
    const minimum = Number(argument)
    return ({ value, path }) =>
      number(value) < minimum
        ? [fieldErrors.invalid(path, number(value), `must be greater than or equal to ${minimum}`)]
        : []
  },
  maximum: (argument) => {
    const maximum = Number(argument)
    return ({ value, path }) =>
      number(value) > maximum ? [fieldErrors.invalid(path, value, `must be less than or equal to ${maximum}`)] : []
  },
  maxItems: (argument) => {
    const max = Number(argument)
    return ({ value, path }) => (list(value).length > max ? [fieldErrors.tooMany(path, list(value).length, max)] : [])
  },
  maxLength: (argument) => {
    const max = Number(argument)
    return ({ value, path }) => ([...text(value)].length > max ? [fieldErrors.tooLongCharacters(path, value, max)] : [])
  },
  maxBytes: (argument) => {
    const max = Number(argument)
    return ({ value, path }) => (byteLength(text(value)) > max ? [fieldErrors.tooLong(path, value, max)] : [])
  },
  enum: (argument) => {
    const values = argument.split(',')
    return ({ value, path }) =>
      values.includes(text(value)) ? [] : [fieldErrors.notSupported(path, text(value), values)]
  },
  unique: (argument) => uniqueCheck(matcher(argument)),
  itemsUpdate: (argument) => itemsUpdateCheck(argument),
  monotonic:
    () =>
    ({ value, old, path, isUpdate }) =>
      isUpdate && typeof value === 'number' && typeof old === 'number' && value < old
        ? [fieldErrors.invalid(path, value, `may not be decreased from ${old}`)]
        : [],
  union: (argument) => unionCheck(argument.split(',')),
  atMostOneItem: (argument) => atMostOneItemCheck(argument),
  member: (argument) => memberCheck(argument),
  shortName: () => format((name) => dns1123Label(name, maxBytes)),
  longName: () => format((name) => dns1123Subdomain(name, maxBytes)),
  longNameCaseless: () => format(dns1123SubdomainCaseless),
  labelKey: () => format(labelKey),
  prefixedLabelKey: () => format(prefixedLabelKey),
  uuid: () => format(uuid),
  pathSegmentName: () => format((name) => pathSegment(name)),
  resourcePoolName:
    () =>
    ({ value, path }) =>
      checkResourcePoolName(text(value), path),
  resourceFullyQualifiedName:
    () =>
    ({ value, path }) =>
      checkFullyQualifiedName(text(value), path),
  extendedResourceName:
    () =>
    ({ value, path }) =>
      checkExtendedResourceName(text(value), path),
}

const number = (value: unknown): number => (typeof value === 'number' ? value : 0)
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

function isEmpty({ value, form }: Checked): boolean {
  if (value === undefined || value === null) return true
  if (form === 'pointer') return false
  if (form === 'value') return value === '' || value === 0 || value === false
  return (Array.isArray(value) ? value : Object.keys(value)).length === 0
}

const requiredCheck: Check = (checked) => (isEmpty(checked) ? [fieldErrors.required(checked.path)] : [])

function format(rule: (text: string) => readonly string[]): Check {
  return ({ value, path }) => rule(text(value)).map((detail) => fieldErrors.invalid(path, text(value), detail))
}

/** `name:NoAddItem,NoRemoveItem`: by what items are told apart, and what an update may not do. */
function itemsUpdateCheck(argument: string): Check {
  const [keys = '', constraints = ''] = argument.split(':')
  const same = matcher(keys)
  return ({ value, old, path, isUpdate }) => {
    if (!isUpdate) return []
    const [now, before] = [list(value), list(old)]
    const lacks = (items: readonly unknown[], item: unknown) => !items.some((each) => same(each, item))
    return constraints
      .split(',')
      .flatMap((constraint) =>
        constraint === 'NoAddItem'
          ? now.flatMap((item, index) =>
              lacks(before, item) ? [fieldErrors.forbidden(`${path}[${index}]`, 'item may not be added')] : [],
            )
          : before.flatMap((item) =>
              lacks(now, item) ? [fieldErrors.forbidden(path, 'item may not be removed')] : [],
            ),
      )
  }
}

function updateCheck(constraints: ReadonlySet<string>): Check {
  return ({ value, old, path, isUpdate }) => {
    if (!isUpdate) return []
    // A pointer that is always written is null when it is unset.
    const [was, is] = [(old ?? undefined) !== undefined, (value ?? undefined) !== undefined]
    const fault = (detail: string) => fieldErrors.invalid(path, null, detail)
    const errors: FieldError[] = []
    if (constraints.has('NoSet') && !was && is) errors.push(fault('field cannot be set once created'))
    if (constraints.has('NoUnset') && was && !is) errors.push(fault('field cannot be cleared once set'))
    if (constraints.has('NoModify') && was && is) errors.push(fault('field cannot be modified once set'))
    return errors
  }
}

/** Whether two items are the same one: by these members, or altogether (`=`). */
export function matcher(keys: string): (a: unknown, b: unknown) => boolean {
  if (keys === '=') return jsonEqual
  const members = keys.split(',')
  return (a, b) => isObject(a) && isObject(b) && members.every((member) => a[member] === b[member])
}

function uniqueCheck(same: (a: unknown, b: unknown) => boolean): Check {
  return ({ value, path }) =>
    list(value).flatMap((item, index, items) =>
      items.slice(0, index).some((before) => same(before, item))
        ? [fieldErrors.duplicate(`${path}[${index}]`, item)]
        : [],
    )
}

/** What counts as given: an empty list is none. */
function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)
}

function unionCheck(members: readonly string[]): Check {
  const all = members.map((member) => `\`${member}\``).join(', ')
  return ({ value, old, path, isUpdate }) => {
    const given = (object: unknown) => members.filter((member) => isObject(object) && isSet(object[member]))
    const set = given(value)
    if (isUpdate && old !== undefined && jsonEqual(set, given(old))) return []
    if (set.length === 0) return [fieldErrors.invalid(path, '', `must specify one of: ${all}`)]
    if (set.length === 1) return []
    return [fieldErrors.invalid(path, `{${set.join(', ')}}`, `must specify exactly one of: ${all}`)]
  }
}

/** `type:Approved,Denied`: of the items whose member has one of these values there is only one such value. */
function atMostOneItemCheck(argument: string): Check {
  const [member, values] = argument.split(':') as [string, string]
  return ({ value, old, path, isUpdate }) => {
    const given = (items: unknown) =>
      values.split(',').filter((each) => list(items).some((item) => isObject(item) && item[member] === each))
    const field = path.slice(path.lastIndexOf('.') + 1)
    const name = (each: string) => `${field}[{"${member}": "${each}"}]`
    const set = given(value)
    if (set.length < 2 || (isUpdate && list(old).length > 0 && jsonEqual(set, given(old)))) return []
    const all = values.split(',').map((each) => `\`${name(each)}\``)
    return [
      fieldErrors.invalid(path, `{${set.map(name).join(', ')}}`, `must specify at most one of: ${all.join(', ')}`),
    ]
  }
}

/** `limited:type:Limited:required`: a member that only one value of the discriminator allows. */
function memberCheck(argument: string): Check {
  const [member, discriminator, wanted, rule] = argument.split(':') as [string, string, string, string]
  return ({ value, old, path, isUpdate }) => {
    const object = isObject(value) ? value : {}
    if (isUpdate && isObject(old)) {
      if (text(object[discriminator]) === text(old[discriminator]) && jsonEqual(object[member], old[member])) return []
    }
    const field = `${path}.${member}`
    const given = object[member] !== undefined
    if (text(object[discriminator]) !== wanted) return given ? [fieldErrors.forbidden(field, '')] : []
    return rule === 'required' && !given ? [fieldErrors.required(field)] : []
  }
}
