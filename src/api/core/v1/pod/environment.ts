import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { dns1123Label, dns1123Subdomain } from '../../../../machinery/validation/dns-names.ts'
import { nameChecks } from '../../../../machinery/validation/object-name.ts'
import { configMapKey, relaxedEnvVarName } from '../../../../machinery/validation/value-formats.ts'
import { checkField, checkRequired } from '../../../field-checks.ts'
import type { EnvFromSource, EnvVar, EnvVarSource, FileKeySelector, PodSpec } from '../../../types.generated.ts'
import { checkNoBacksteps } from '../paths.ts'
import { containersOf } from './containers-of.ts'
import type { PodSpecRules } from './validation-rules.ts'
import { fieldsOfEnvironment, validateFieldSelector, validateResourceSelector } from './volumes/downward-api.ts'

/** Environment variables of containers (pkg/apis/core/validation ValidateEnv, ValidateEnvFrom). */
export function validateEnv(
  variables: readonly EnvVar[] = [],
  field: string,
  rules: Pick<PodSpecRules, 'allowFileKeys'>,
): FieldError[] {
  return variables.flatMap(({ name, value, valueFrom }, index) => {
    const at = `${field}[${index}]`
    const errors = checkRequired(name, `${at}.name`, relaxedEnvVarName)
    if (valueFrom) errors.push(...validateValueFrom(valueFrom, value ?? '', `${at}.valueFrom`, rules))
    return errors
  })
}

function validateValueFrom(
  source: EnvVarSource,
  value: string,
  field: string,
  { allowFileKeys }: Pick<PodSpecRules, 'allowFileKeys'>,
): FieldError[] {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source
  const errors: FieldError[] = []
  if (fieldRef) errors.push(...validateFieldSelector(fieldRef, `${field}.fieldRef`, fieldsOfEnvironment))
  if (resourceFieldRef) {
    errors.push(...validateResourceSelector(resourceFieldRef, `${field}.resourceFieldRef`, false))
  }
  if (configMapKeyRef) errors.push(...validateKeyRef(configMapKeyRef, `${field}.configMapKeyRef`))
  if (secretKeyRef) errors.push(...validateKeyRef(secretKeyRef, `${field}.secretKeyRef`))
  if (fileKeyRef) errors.push(...validateFileKeyRef(fileKeyRef, `${field}.fileKeyRef`))
  const count = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter(Boolean).length
  if (count === 0) {
    const last = allowFileKeys
      ? '`configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'
      : '`configMapKeyRef` or `secretKeyRef`'
    const detail = `must specify one of: \`fieldRef\`, \`resourceFieldRef\`, ${last}`
    errors.push(fieldErrors.invalid(field, '', detail))
  } else if (value !== '') {
    errors.push(fieldErrors.invalid(field, '', 'may not be specified when `value` is not empty'))
  } else if (count > 1) {
    errors.push(fieldErrors.invalid(field, '', 'may not have more than one field specified at a time'))
  }
  return errors
}

function validateKeyRef({ name = '', key }: { readonly name?: string; readonly key: string }, field: string) {
  return [
    ...checkField(name, `${field}.name`, (text) => dns1123Subdomain(text)),
    ...checkRequired(key, `${field}.key`, configMapKey),
  ]
}

function validateFileKeyRef({ key, volumeName, path }: FileKeySelector, field: string): FieldError[] {
  return [
    ...checkRequired(key, `${field}.key`, relaxedEnvVarName),
    ...checkRequired(volumeName, `${field}.volumeName`, dns1123Label),
    ...(path ? checkNoBacksteps(path, `${field}.path`) : [fieldErrors.required(`${field}.path`)]),
  ]
}

export function validateEnvFrom(sources: readonly EnvFromSource[] = [], field: string): FieldError[] {
  return sources.flatMap(({ prefix, configMapRef, secretRef }, index) => {
    const at = `${field}[${index}]`
    const errors = prefix ? checkField(prefix, `${at}.prefix`, relaxedEnvVarName) : []
    const asPrefix = (name: string) => nameChecks.dns1123Subdomain(name, true)
    if (configMapRef) errors.push(...checkRequired(configMapRef.name, `${at}.configMapRef.name`, asPrefix))
    if (secretRef) errors.push(...checkRequired(secretRef.name, `${at}.secretRef.name`, asPrefix))
    if (!configMapRef && !secretRef) {
      errors.push(fieldErrors.invalid(field, '', 'must specify one of: `configMapRef` or `secretRef`'))
    } else if (configMapRef && secretRef) {
      errors.push(fieldErrors.invalid(field, '', 'may not have more than one field specified at a time'))
    }
    return errors
  })
}

/** Files that give variables lie in volumes of type emptyDir. */
export function validateFileKeyVolumes(spec: PodSpec, field: string): FieldError[] {
  const errors: FieldError[] = []
  for (const [container, at] of containersOf(spec, field)) {
    for (const [index, { valueFrom }] of (container.env ?? []).entries()) {
      if (!valueFrom?.fileKeyRef) continue
      const { volumeName } = valueFrom.fileKeyRef
      const volume = (spec.volumes ?? []).findLast(({ name }) => name === volumeName)
      const path = `${at}.env[${index}].valueFrom.fileKeyRef.volumeName`
      if (!volume) errors.push(fieldErrors.notFound(path, volumeName))
      else if (!volume.emptyDir) {
        errors.push(fieldErrors.invalid(path, volumeName, 'referenced volume must be of type emptyDir'))
      }
    }
  }
  return errors
}
