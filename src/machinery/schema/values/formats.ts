import { isIP, isIPv4, isIPv6 } from 'node:net'
import type { JsonSchema } from './json-schema.ts'

/**
 * String formats that custom resources may name; others are ignored (apiextensions pkg/apiserver/validation/formats.go,
 * kube-openapi pkg/validation/strfmt).
 */
const hex = (length: number) => `[0-9a-f]{${length}}`
const uuid = (third: string, fourth: string) =>
  new RegExp(`^${hex(8)}-?${hex(4)}-?${third}-?${fourth}-?${hex(12)}$`, 'i')
const matches =
  (pattern: RegExp) =>
  (text: string): boolean =>
    pattern.test(text)

const formats: Readonly<Record<string, (text: string) => boolean>> = {
  bsonobjectid: matches(/^[0-9a-f]{24}$/i),
  uri: (text) => /^(\/|[a-z][a-z0-9+.-]*:)/i.test(text) && !/[\s\x00-\x1f\x7f]/.test(text),
  email: matches(/^[^\s@<>()[\],;:\\"]+@[^\s@<>()[\],;:\\"]+$|<[^\s@<>]+@[^\s@<>]+>$/),
  hostname: (text) =>
    text.length <= 255 && text.split('.').every((label) => label.length <= 63) && hostnamePattern.test(text),
  ipv4: isIPv4,
  ipv6: isIPv6,
  cidr: isCidr,
  mac: matches(
    /^([0-9a-f]{2}([:-])([0-9a-f]{2}\2){4}[0-9a-f]{2}|([0-9a-f]{2}[:-]){7}[0-9a-f]{2}|([0-9a-f]{4}\.){2,3}[0-9a-f]{4})$/i,
  ),
  uuid: matches(uuid(hex(4), hex(4))),
  uuid3: matches(uuid(`3${hex(3)}`, hex(4))),
  uuid4: matches(uuid(`4${hex(3)}`, `[89ab]${hex(3)}`)),
  uuid5: matches(uuid(`5${hex(3)}`, `[89ab]${hex(3)}`)),
  isbn: (text) => isIsbn10(text) || isIsbn13(text),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  creditcard: isCreditCard,
  ssn: matches(/^\d{3}[- ]?\d{2}[- ]?\d{4}$/),
  hexcolor: matches(/^#?([0-9a-f]{3}|[0-9a-f]{6})$/i),
  rgbcolor: matches(
    /^rgb\(\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*,\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*,\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*\)$/,
  ),
  byte: matches(/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/),
  password: () => true,
  date: (text) => /^\d{4}-\d\d-\d\d$/.test(text) && isCalendarDay(text),
  duration: matches(
    /^([-+]?(0|(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))*|(\d+\s*(ns|nano|nanos|nanosecond|nanoseconds|us|micro|micros|microsecond|microseconds|ms|milli|millis|millisecond|milliseconds|s|sec|secs|second|seconds|m|min|mins|minute|minutes|h|hr|hrs|hour|hours|d|day|days|w|wk|wks|week|weeks)\s*)+)$/,
  ),
  datetime: (text) =>
    /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:?\d\d)$/.test(text) && isCalendarDay(text.slice(0, 10)),
  k8sshortname: (text) => text.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text),
  k8slongname: (text) =>
    text.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text),
}

const hostnamePattern =
  /^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z\p{L}]){2,63})$/u

/** The check of a format by its name, dashes or not; undefined: not a format that is checked. */
export function formatCheck(name: string): ((text: string) => boolean) | undefined {
  const normal = name.replaceAll('-', '')
  return Object.hasOwn(formats, normal) ? formats[normal] : undefined
}

const numberFormats: Readonly<Record<string, readonly string[]>> = {
  integer: ['int32', 'int64'],
  number: ['float', 'double'],
}

/** The format of a schema, where it is one that its type can have; others are ignored. */
export function supportedFormat({
  type = '',
  format,
  'x-kubernetes-int-or-string': intOrString,
}: JsonSchema): string | undefined {
  if (!format || intOrString) return undefined
  const known =
    type === '' || type === 'string' ? formatCheck(format) !== undefined : numberFormats[type]?.includes(format)
  return known ? format : undefined
}

function isCidr(text: string): boolean {
  const slash = text.lastIndexOf('/')
  const family = isIP(text.slice(0, slash))
  const bits = text.slice(slash + 1)
  return slash > 0 && family !== 0 && /^(0|[1-9]\d{0,2})$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)
}

function isCalendarDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

function isIsbn10(text: string): boolean {
  const digits = text.replace(/[\s-]/g, '')
  if (!/^\d{9}[\dX]$/.test(digits)) return false
  return (
    [...digits].reduce((sum, digit, index) => sum + (digit === 'X' ? 10 : Number(digit)) * (10 - index), 0) % 11 === 0
  )
}

function isIsbn13(text: string): boolean {
  const digits = text.replace(/[\s-]/g, '')
  return (
    /^\d{13}$/.test(digits) &&
    [...digits].reduce((sum, digit, index) => sum + Number(digit) * (index % 2 === 0 ? 1 : 3), 0) % 10 === 0
  )
}

function isCreditCard(text: string): boolean {
  const digits = text.replace(/[^0-9]+/g, '')
  if (
    !/^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:2131|1800|35\d{3})\d{11})$/.test(
      digits,
    )
  )
    return false
  const sum = [...digits].toReversed().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return sum % 10 === 0
}
