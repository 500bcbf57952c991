import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { byteLength } from '../../../machinery/validation/message-text.ts'
import type { DeviceAttribute } from '../../types.generated.ts'

/** pkg/apis/resource/validation validateDeviceAttribute, less what is declared with the type. */

const maxValueBytes = 64
const lists = ['bools', 'ints', 'strings', 'versions'] as const

export function hasList(attribute: DeviceAttribute): boolean {
  return lists.some((member) => attribute[member] !== undefined)
}

/** Lists count by their items. */
export function valueCount(attributes: Readonly<Record<string, DeviceAttribute>>): number {
  return Object.values(attributes).reduce((total, attribute) => {
    const items = lists.reduce((count, member) => count + (attribute[member]?.length ?? 0), 0)
    return total + Math.max(1, items)
  }, 0)
}

const number = '(0|[1-9]\\d*)'
const preRelease = '(0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)'
const build = '[0-9a-zA-Z-]+'
const semanticVersion = new RegExp(
  `^${number}\\.${number}\\.${number}(-${preRelease}(\\.${preRelease})*)?(\\+${build}(\\.${build})*)?$`,
)

export function validateAttribute(attribute: DeviceAttribute, field: string): FieldError[] {
  const { string, version, strings = [], versions = [] } = attribute
  return [
    ...(string === undefined ? [] : checkValueLength(string, `${field}.string`)),
    ...(version === undefined ? [] : checkVersion(version, `${field}.version`)),
    ...lists.flatMap((member) =>
      attribute[member] !== undefined && attribute[member].length === 0
        ? [fieldErrors.invalid(`${field}.${member}`, [], 'must not be empty if specified')]
        : [],
    ),
    ...strings.flatMap((value, index) => checkValueLength(value, `${field}.strings[${index}]`)),
    ...versions.flatMap((value, index) => checkVersion(value, `${field}.versions[${index}]`)),
  ]
}

function checkValueLength(value: string, field: string): FieldError[] {
  return byteLength(value) > maxValueBytes ? [fieldErrors.tooLong(field, '', maxValueBytes)] : []
}

function checkVersion(version: string, field: string): FieldError[] {
  const errors = semanticVersion.test(version)
    ? []
    : [fieldErrors.invalid(field, version, 'must be a string compatible with semver.org spec 2.0.0')]
  return [...errors, ...checkValueLength(version, field)]
}
