import { fieldErrors, type FieldError } from '../../../../../machinery/field-error.ts'
import { canonicalQuantity, quantitySign } from '../../../../../machinery/quantity.ts'
import { labelKey } from '../../../../../machinery/validation/label-names.ts'
import { checkField, checkRequired } from '../../../../field-checks.ts'
import type { DownwardAPIVolumeFile, ObjectFieldSelector, ResourceFieldSelector } from '../../../../types.generated.ts'
import { checkProjectedPath } from '../../paths.ts'
import { checkFileMode, checkFileUser } from './file-mode.ts'

/** References to fields of the pod, in volumes and in the environment (pkg/apis/core/validation). */

/** The fields that a file can hold; labels and annotations also one by one: `metadata.labels['key']`. */
const fieldsOfFiles = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid']
/** The fields that an environment variable can hold. */
export const fieldsOfEnvironment: readonly string[] = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]
/** What the API knows of, though neither of the above may offer it. */
const knownFields: ReadonlySet<string> = new Set([
  ...fieldsOfFiles,
  ...fieldsOfEnvironment,
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
])

export function validateFieldSelector(
  selector: ObjectFieldSelector,
  field: string,
  supported: readonly string[],
): FieldError[] {
  const { apiVersion = '', fieldPath } = selector
  if (!apiVersion) return [fieldErrors.required(`${field}.apiVersion`)]
  if (!fieldPath) return [fieldErrors.required(`${field}.fieldPath`)]
  const unknown = (why: string) => [
    fieldErrors.invalid(`${field}.fieldPath`, fieldPath, `error converting fieldPath: ${why}`),
  ]
  if (apiVersion !== 'v1') return unknown(`unsupported pod version: ${apiVersion}`)
  const [, list, key] = /^([^]+?)\['([^]*)'\]$/.exec(fieldPath) ?? []
  if (list !== undefined) {
    if (list === 'metadata.annotations') return checkField(key!.toLowerCase(), field, labelKey)
    if (list === 'metadata.labels') return checkField(key!, field, labelKey)
    return unknown(`field label does not support subscript: ${fieldPath}`)
  }
  const path = fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath
  if (!knownFields.has(path)) return unknown(`field label not supported: ${fieldPath}`)
  return supported.includes(path) ? [] : [fieldErrors.notSupported(`${field}.fieldPath`, path, supported)]
}

const resources = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]
const isHugePages = (resource: string): boolean => /^(?:requests|limits)\.hugepages-/.test(resource)

export function validateResourceSelector(
  selector: ResourceFieldSelector,
  field: string,
  needsContainer: boolean,
): FieldError[] {
  const { containerName, resource = '', divisor = '0' } = selector
  const errors: FieldError[] = []
  if (needsContainer && !containerName) errors.push(fieldErrors.required(`${field}.containerName`))
  else if (!resource) errors.push(fieldErrors.required(`${field}.resource`))
  else if (!resources.includes(resource) && !isHugePages(resource)) {
    errors.push(fieldErrors.notSupported(`${field}.resource`, resource, resources))
  }
  if (quantitySign(divisor) !== 0) errors.push(...checkDivisor(resource, canonicalQuantity(divisor), field))
  return errors
}

const byteDivisors = '1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei'.split(', ')

function checkDivisor(resource: string, divisor: string, field: string): FieldError[] {
  const wrong = (detail: string) => [fieldErrors.invalid(`${field}.divisor`, resource, detail)]
  if (resource.endsWith('.cpu')) {
    if (divisor === '1m' || divisor === '1') return []
    return wrong("only divisor's values 1m and 1 are supported with the cpu resource")
  }
  const name = resource.endsWith('.memory')
    ? 'memory'
    : resource.endsWith('.ephemeral-storage')
      ? 'local ephemeral storage'
      : isHugePages(resource)
        ? 'hugepages'
        : undefined
  if (name === undefined || byteDivisors.includes(divisor)) return []
  return wrong(`only divisor's values ${byteDivisors.join(', ')} are supported with the ${name} resource`)
}

export function validateDownwardFile(file: DownwardAPIVolumeFile, field: string): FieldError[] {
  const { path, fieldRef, resourceFieldRef } = file
  const errors = checkRequired(path, `${field}.path`)
  errors.push(...checkProjectedPath(path, `${field}.path`))
  if (fieldRef) {
    errors.push(...validateFieldSelector(fieldRef, `${field}.fieldRef`, fieldsOfFiles))
    if (resourceFieldRef) {
      const detail = 'fieldRef and resourceFieldRef can not be specified simultaneously'
      errors.push(fieldErrors.invalid(field, 'resource', detail))
    }
  } else if (resourceFieldRef) {
    errors.push(...validateResourceSelector(resourceFieldRef, `${field}.resourceFieldRef`, true))
  } else errors.push(fieldErrors.required(field, 'one of fieldRef and resourceFieldRef is required'))
  errors.push(...checkFileMode(file.mode, `${field}.mode`), ...checkFileUser(file.user, `${field}.user`))
  return errors
}
