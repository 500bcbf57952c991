import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { dns1035Label, dns1123Subdomain } from '../../../machinery/validation/dns-names.ts'
import { qualifiedName } from '../../../machinery/validation/label-names.ts'
import { checkField } from '../../field-checks.ts'
import type {
  ServerStorageVersion,
  StorageVersion,
  StorageVersionCondition,
  StorageVersionStatus,
} from '../../types.generated.ts'

/** pkg/apis/apiserverinternal/validation ValidateStorageVersionName: `group.resource`. */
export function storageVersionName(name: string): string[] {
  const dot = name.lastIndexOf('.')
  if (dot < 0) return ['name must be in the form of <group>.<resource>']
  return [
    ...dns1123Subdomain(name.slice(0, dot)).map((text) => `the group segment ${text}`),
    ...dns1035Label(name.slice(dot + 1)).map((text) => `the resource segment ${text}`),
  ]
}

export function validateStorageVersion({ status }: StorageVersion): FieldError[] {
  const versions = status?.storageVersions ?? []
  return [
    ...versions.flatMap((version, index) => {
      const at = `status.storageVersions[${index}]`
      const apiServerID = version.apiServerID ?? ''
      const again = versions.findIndex((each) => (each.apiServerID ?? '') === apiServerID) < index
      return [
        ...(again ? [fieldErrors.duplicate(`${at}.apiServerID`, apiServerID)] : []),
        ...validateServer(version, at),
      ]
    }),
    ...validateCommonVersion(status ?? {}),
    ...validateConditions(status?.conditions ?? [], 'status'),
  ]
}

function validateServer(version: ServerStorageVersion, at: string): FieldError[] {
  const apiServerID = version.apiServerID ?? ''
  const encodingVersion = version.encodingVersion ?? ''
  const decodableVersions = version.decodableVersions ?? []
  const servedVersions = version.servedVersions ?? []
  const errors = checkField(apiServerID, `${at}.apiServerID`, (text) => dns1123Subdomain(text))
  errors.push(...checkApiVersion(encodingVersion, `${at}.encodingVersion`))
  for (const [index, each] of decodableVersions.entries())
    errors.push(...checkApiVersion(each, `${at}.decodableVersions[${index}]`))
  if (!decodableVersions.includes(encodingVersion)) {
    const detail = `decodableVersions must include encodingVersion ${encodingVersion}`
    errors.push(fieldErrors.invalid(`${at}.decodableVersions`, version.decodableVersions ?? null, detail))
  }
  for (const [index, each] of servedVersions.entries()) {
    const field = `${at}.servedVersions[${index}]`
    errors.push(...checkApiVersion(each, field))
    if (decodableVersions.includes(each)) continue
    const all = `[${decodableVersions.join(' ')}]`
    const detail = `individual served version : ${each} must be included in decodableVersions : ${all}`
    errors.push(fieldErrors.invalid(field, each, detail))
  }
  return errors
}

/** What all servers encode in; undefined when they do not agree, or when there are none. */
export function commonVersion(versions: readonly ServerStorageVersion[]): string | undefined {
  const [first, ...rest] = versions.map(({ encodingVersion }) => encodingVersion ?? '')
  return rest.every((each) => each === first) ? first : undefined
}

function validateCommonVersion({ storageVersions, commonEncodingVersion: stated }: StorageVersionStatus): FieldError[] {
  const field = 'status.commonEncodingVersion'
  const actual = commonVersion(storageVersions ?? [])
  if (actual === stated) return []
  if (actual === undefined) {
    const detail =
      'should be nil if servers do not agree on the same encoding version, or if there is no server reporting the supported versions yet'
    return [fieldErrors.invalid(field, stated, detail)]
  }
  return stated === undefined
    ? [fieldErrors.invalid(field, null, `the common encoding version is ${actual}`)]
    : [fieldErrors.invalid(field, stated, `the actual common encoding version is ${actual}`)]
}

/** Upstream reports them below the status itself. */
function validateConditions(conditions: readonly StorageVersionCondition[], at: string): FieldError[] {
  return conditions.flatMap(({ type = '', status = '', reason, message }, index) => {
    const field = `${at}[${index}]`
    const before = conditions.slice(0, index).findLastIndex((each) => each.type === type)
    const detail = `the type of the condition is not unique, it also appears in conditions[${before}]`
    return [
      ...(before < 0 ? [] : [fieldErrors.invalid(`${field}.type`, type, detail)]),
      ...checkField(type, `${field}.type`, qualifiedName),
      ...checkField(status, `${field}.status`, qualifiedName),
      ...(reason ? [] : [fieldErrors.required(`${field}.reason`, '')]),
      ...(message ? [] : [fieldErrors.required(`${field}.message`, '')]),
    ]
  })
}

function checkApiVersion(apiVersion: string, field: string): FieldError[] {
  const faults = apiVersionFaults(apiVersion)
  return faults.length === 0 ? [] : [fieldErrors.invalid(field, apiVersion, faults.join(','))]
}

function apiVersionFaults(apiVersion: string): string[] {
  const parts = apiVersion.split('/')
  if (parts.length > 2) {
    return [
      "an apiVersion is a DNS-1035 label, which must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyVersion')",
    ]
  }
  const version = parts.at(-1)!
  const group = parts.length === 2 ? parts[0] : undefined
  const part = (text: string, check: (text: string) => string[]) => (text === '' ? ['must be non-empty'] : check(text))
  return [
    ...(group === undefined ? [] : part(group, (text) => dns1123Subdomain(text)).map((text) => `group part: ${text}`)),
    ...part(version, dns1035Label).map((text) => `version part: ${text}`),
  ]
}
