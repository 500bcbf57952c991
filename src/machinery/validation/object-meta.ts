import { fieldErrors, goQuote, type FieldError } from '../field-error.ts'
import { jsonEqual } from '../json.ts'
import type { ManagedFieldsEntry, ObjectMeta, OwnerReference } from '../meta/object.ts'
import { validateFieldManager } from './request-options.ts'
import { labelKey } from './label-names.ts'
import { validateLabels } from './label-selector.ts'
import { byteLength, fieldImmutableMessage, isNegativeMessage } from './message-text.ts'
import { nameChecks, type NameCheck } from './object-name.ts'

/** metadata of every object (apimachinery pkg/api/validation/objectmeta.go). */
export interface ObjectMetaRules {
  readonly namespaced: boolean
  readonly nameCheck: NameCheck
  /** Where the metadata lies; default `metadata`. */
  readonly field?: string
}

/** On creation, after a name was generated. */
export function validateObjectMeta(meta: ObjectMeta, rules: ObjectMetaRules): FieldError[] {
  const { namespaced, nameCheck, field = 'metadata' } = rules
  const { name = '', generateName = '', namespace = '' } = meta
  const errors: FieldError[] = []
  if (generateName !== '') {
    for (const text of nameCheck(generateName, true)) {
      errors.push(fieldErrors.invalid(`${field}.generateName`, generateName, text))
    }
  }
  if (name === '') errors.push(fieldErrors.required(`${field}.name`, 'name or generateName is required'))
  else for (const text of nameCheck(name, false)) errors.push(fieldErrors.invalid(`${field}.name`, name, text))
  if (!namespaced) {
    if (namespace !== '') errors.push(fieldErrors.forbidden(`${field}.namespace`, 'not allowed on this type'))
  } else if (namespace === '') errors.push(fieldErrors.required(`${field}.namespace`))
  else {
    for (const text of nameChecks.dns1123Label(namespace, false)) {
      errors.push(fieldErrors.invalid(`${field}.namespace`, namespace, text))
    }
  }
  errors.push(...validateNonnegative(meta.generation, `${field}.generation`))
  errors.push(...validateLabels(meta.labels, `${field}.labels`))
  errors.push(...validateAnnotations(meta.annotations, `${field}.annotations`))
  errors.push(...validateOwnerReferences(meta.ownerReferences, `${field}.ownerReferences`))
  errors.push(...validateFinalizers(meta.finalizers, `${field}.finalizers`))
  errors.push(...validateManagedFields(meta.managedFields, `${field}.managedFields`))
  return errors
}

export function validateObjectMetaUpdate(meta: ObjectMeta, old: ObjectMeta, field = 'metadata'): FieldError[] {
  const errors: FieldError[] = []
  if (old.deletionTimestamp !== undefined) {
    errors.push(...validateNoNewFinalizers(meta.finalizers, old.finalizers, `${field}.finalizers`))
  }
  if (!meta.resourceVersion) {
    errors.push(fieldErrors.invalid(`${field}.resourceVersion`, '', 'must be specified for an update'))
  }
  const { generation = 0 } = meta
  errors.push(...validateNonnegative(generation, `${field}.generation`))
  if (generation < (old.generation ?? 0)) {
    errors.push(fieldErrors.invalid(`${field}.generation`, generation, 'must not be decremented'))
  }
  for (const member of ['name', 'namespace', 'uid'] as const) {
    errors.push(...validateImmutable(meta[member] ?? '', old[member] ?? '', `${field}.${member}`))
  }
  for (const member of ['creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const) {
    errors.push(...validateImmutable(meta[member] ?? null, old[member] ?? null, `${field}.${member}`))
  }
  errors.push(...validateLabels(meta.labels, `${field}.labels`))
  errors.push(...validateAnnotations(meta.annotations, `${field}.annotations`))
  errors.push(...validateOwnerReferences(meta.ownerReferences, `${field}.ownerReferences`))
  errors.push(...validateManagedFields(meta.managedFields, `${field}.managedFields`))
  return errors
}

export function validateNonnegative(value: number | undefined, field: string): FieldError[] {
  return value !== undefined && value < 0 ? [fieldErrors.invalid(field, value, isNegativeMessage)] : []
}

export function validateImmutable(value: unknown, old: unknown, field: string): FieldError[] {
  return jsonEqual(value, old) ? [] : [fieldErrors.invalid(field, value, fieldImmutableMessage)]
}

const maxAnnotationBytes = 256 * 1024

export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  field: string,
): FieldError[] {
  const errors: FieldError[] = []
  let bytes = 0
  for (const [key, value] of Object.entries(annotations ?? {})) {
    for (const text of labelKey(key.toLowerCase())) errors.push(fieldErrors.invalid(field, key, text))
    bytes += byteLength(key) + byteLength(value)
  }
  if (bytes > maxAnnotationBytes) errors.push(fieldErrors.tooLong(field, '', maxAnnotationBytes))
  return errors
}

export function validateOwnerReferences(
  references: readonly OwnerReference[] | undefined,
  field: string,
): FieldError[] {
  const errors: FieldError[] = []
  let firstController = ''
  for (const [index, reference] of (references ?? []).entries()) {
    errors.push(...validateOwnerReference(reference, `${field}[${index}]`))
    if (reference.controller !== true) continue
    const controller = `${reference.kind}/${reference.name}`
    if (firstController === '') firstController = controller
    else {
      const detail = `Only one reference can have Controller set to true. Found "true" in references for ${firstController} and ${controller}`
      errors.push(fieldErrors.invalid(field, references, detail))
    }
  }
  return errors
}

function validateOwnerReference(reference: OwnerReference, field: string): FieldError[] {
  const errors: FieldError[] = []
  const { apiVersion, kind } = reference
  if (!apiVersion) errors.push(fieldErrors.required(`${field}.apiVersion`, 'must not be empty'))
  else if (apiVersion.split('/').length > 2 || apiVersion.endsWith('/')) {
    errors.push(fieldErrors.invalid(`${field}.apiVersion`, apiVersion, 'must be <group>/<version> or <version>'))
  }
  for (const member of ['kind', 'name', 'uid'] as const) {
    if (!reference[member]) errors.push(fieldErrors.required(`${field}.${member}`, 'must not be empty'))
  }
  if (apiVersion === 'v1' && kind === 'Event') {
    errors.push(fieldErrors.invalid(field, reference, '/v1, Kind=Event is disallowed from being an owner'))
  }
  return errors
}

export function validateFinalizerName(name: string, field: string): FieldError[] {
  return labelKey(name).map((text) => fieldErrors.invalid(field, name, text))
}

function validateFinalizers(finalizers: readonly string[] | undefined, field: string): FieldError[] {
  const errors = (finalizers ?? []).flatMap((name) => validateFinalizerName(name, field))
  if (finalizers?.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    const detail = 'finalizer orphan and foregroundDeletion cannot be both set'
    errors.push(fieldErrors.invalid(field, finalizers, detail))
  }
  return errors
}

export function validateNoNewFinalizers(
  finalizers: readonly string[] | undefined,
  old: readonly string[] | undefined,
  field: string,
): FieldError[] {
  const added = [...new Set(finalizers)].filter((name) => !old?.includes(name)).sort()
  if (added.length === 0) return []
  const list = `[]string{${added.map(goQuote).join(', ')}}`
  const detail = `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`
  return [fieldErrors.forbidden(field, detail)]
}

export function validateManagedFields(entries: readonly ManagedFieldsEntry[] | undefined, field: string): FieldError[] {
  const errors: FieldError[] = []
  for (const [index, entry] of (entries ?? []).entries()) {
    const at = `${field}[${index}]`
    const { operation = '', fieldsType = '', manager = '', subresource = '' } = entry as Record<string, string>
    if (operation === '') errors.push(fieldErrors.required(`${at}.operation`, 'must not be empty'))
    else if (operation !== 'Apply' && operation !== 'Update') {
      errors.push(fieldErrors.notSupported(`${at}.operation`, operation, ['Apply', 'Update']))
    }
    if (fieldsType !== '' && fieldsType !== 'FieldsV1') {
      errors.push(fieldErrors.invalid(`${at}.fieldsType`, fieldsType, 'must be `FieldsV1`'))
    }
    errors.push(...validateFieldManager(manager, `${at}.manager`))
    if (byteLength(subresource) > 256) errors.push(fieldErrors.tooLong(`${at}.subresource`, '', 256))
  }
  return errors
}
