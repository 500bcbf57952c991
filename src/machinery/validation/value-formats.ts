import { maxSubdomainLength } from './dns-names.ts'
import { byteLength, inclusiveRange, maxCharacters, mustNotBeEmpty, patternText } from './message-text.ts'

/**
 * Formats of single values: ports, environment variable names, keys of ConfigMaps, header names, path segments
 * (apimachinery pkg/util/validation/validation.go, pkg/api/validate/content). Each returns what is wrong, or nothing.
 */
export function inRange(value: number, low: number, high: number): string[] {
  return value >= low && value <= high ? [] : [inclusiveRange(low, high)]
}

export function portNumber(port: number): string[] {
  return inRange(port, 1, 65535)
}

const maxId = 2 ** 31 - 1
export function userId(id: number): string[] {
  return inRange(id, 0, maxId)
}
export const groupId = userId

/** An IANA service name (RFC 6335), lower case only. */
export function portName(port: string): string[] {
  const errors: string[] = []
  if (byteLength(port) > 15) errors.push(maxCharacters(15))
  if (!/^[-a-z0-9]+$/.test(port)) errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(port)) errors.push('must contain at least one letter (a-z)')
  if (port.includes('--')) errors.push('must not contain consecutive hyphens')
  if (port.startsWith('-') || port.endsWith('-')) errors.push('must not begin or end with a hyphen')
  return errors
}

export function percent(text: string): string[] {
  if (/^[0-9]+%$/.test(text)) return []
  return [
    patternText("a valid percent string must be a numeric string followed by an ending '%'", '[0-9]+%', '1%', '93%'),
  ]
}

export function httpHeaderName(name: string): string[] {
  if (/^[-A-Za-z0-9]+$/.test(name)) return []
  return [
    patternText("a valid HTTP header must consist of alphanumeric characters or '-'", '[-A-Za-z0-9]+', 'X-Header-Name'),
  ]
}

export function cIdentifier(text: string): string[] {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(text)) return []
  return [
    patternText(
      "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
      '[A-Za-z_][A-Za-z0-9_]*',
      'my_name',
      'MY_NAME',
      'MyName',
    ),
  ]
}

/** The strict form of an environment variable's name. */
export function envVarName(name: string): string[] {
  const errors: string[] = []
  if (!/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(name)) {
    errors.push(
      patternText(
        "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
        '[-._a-zA-Z][-._a-zA-Z0-9]*',
        'my.env-name',
        'MY_ENV.NAME',
        'MyEnvName1',
      ),
    )
  }
  return [...errors, ...leavesFolder(name)]
}

/** What a pod's environment may name (RelaxedEnvironmentVariableValidation, on since v1.34). */
export function relaxedEnvVarName(name: string): string[] {
  const errors = name === '' ? [`environment variable name ${mustNotBeEmpty}`] : []
  if (/[^\x20-\x7e]|=/.test(name)) {
    errors.push("a valid environment variable name must consist only of printable ASCII characters other than '='")
  }
  return errors
}

/** A key of a ConfigMap or Secret; it becomes a file's name. */
export function configMapKey(key: string): string[] {
  const errors = byteLength(key) > maxSubdomainLength ? [maxCharacters(maxSubdomainLength)] : []
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) {
    errors.push(
      patternText(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        '[-._a-zA-Z0-9]+',
        'key.name',
        'KEY_NAME',
        'key-name',
      ),
    )
  }
  return [...errors, ...leavesFolder(key)]
}

function leavesFolder(name: string): string[] {
  if (name === '.') return ["must not be '.'"]
  if (name === '..') return ["must not be '..'"]
  return name.startsWith('..') ? ["must not start with '..'"] : []
}

/** Whether a name can be a segment of a path; a prefix may still be completed to something else than `.`. */
export function pathSegment(name: string, isPrefix = false): string[] {
  if (!isPrefix && (name === '.' || name === '..')) return [`may not be '${name}'`]
  return ['/', '%'].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`)
}

const decimalMessage = 'must be a valid decimal integer in canonical form'
export function decimalInteger(text: string): string[] {
  if (text === '') return [mustNotBeEmpty]
  return /^(0|-?[1-9][0-9]*)$/.test(text) ? [] : [decimalMessage]
}

const reasonPattern = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?'
/** The reason of a condition (meta/v1/validation IsValidConditionReason). */
export function conditionReason(reason: string): string[] {
  if (/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/.test(reason)) return []
  return [
    patternText(
      "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
      reasonPattern,
      'my_name',
      'MY_NAME',
      'MyName',
      'ReasonA,ReasonB',
      'ReasonA:ReasonB',
    ),
  ]
}
