import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { jsonDiff } from '../../../../machinery/json-diff.ts'
import { internalForm } from '../../../internal-form.ts'
import { jsonEqual } from '../../../../machinery/json.ts'
import { quantityValue } from '../../../../machinery/quantity.ts'
import { dns1123Subdomain } from '../../../../machinery/validation/dns-names.ts'
import { validateImmutable } from '../../../../machinery/validation/object-meta.ts'
import { checkField, checkPositiveQuantity } from '../../../field-checks.ts'
import type { RuleContext } from '../../../definition.ts'
import type { PersistentVolume, PersistentVolumeSpec, VolumeNodeAffinity } from '../../../types.generated.ts'
import { checkAccessModes, volumeModes } from '../access-modes.ts'
import { nodeLabelWarning } from '../node-label-warnings.ts'
import { hasInvalidNodeSelectorValue, validateNodeSelector } from '../node-selector-validation.ts'
import { validateVolumeSource, volumeSourceMembers } from './sources.ts'

/** pkg/apis/core/validation ValidatePersistentVolume. */
const reclaimPolicies: readonly string[] = ['Delete', 'Recycle', 'Retain']
const mountOptions = 'volume.beta.kubernetes.io/mount-options'
const subdomain = (name: string): string[] => dns1123Subdomain(name)

export function validatePersistentVolume(volume: PersistentVolume): FieldError[] {
  return [
    ...validateVolumeSpec(volume.spec!, volume.metadata.name ?? '', 'spec', { allowInvalidValues: false }),
    ...validateMountOptions(volume),
  ]
}

export interface VolumeSpecRules {
  /** Labels that the old node affinity asks for, though no node can have them. */
  readonly allowInvalidValues: boolean
}

export function validateVolumeSpec(
  spec: PersistentVolumeSpec,
  name: string,
  field: string,
  rules: VolumeSpecRules,
): FieldError[] {
  const errors: FieldError[] = []
  const { accessModes, persistentVolumeReclaimPolicy: policy, storageClassName, volumeMode } = spec
  if (!accessModes?.length) errors.push(fieldErrors.required(`${field}.accessModes`))
  errors.push(...checkAccessModes(accessModes, `${field}.accessModes`))
  errors.push(...validateCapacity(spec, `${field}.capacity`))
  if (policy && !reclaimPolicies.includes(policy)) {
    errors.push(fieldErrors.notSupported(`${field}.persistentVolumeReclaimPolicy`, policy, reclaimPolicies))
  }
  errors.push(...validateNodeAffinity(spec.nodeAffinity, `${field}.nodeAffinity`, rules))
  errors.push(...validateVolumeSource(spec, name, field))
  errors.push(...validateRecycling(spec, field))
  if (storageClassName) errors.push(...checkField(storageClassName, `${field}.storageClassName`, subdomain))
  if (volumeMode !== undefined && !volumeModes.includes(volumeMode)) {
    errors.push(fieldErrors.notSupported(`${field}.volumeMode`, volumeMode, volumeModes))
  }
  return [...errors, ...validateAttributesClass(spec, field)]
}

export function validateAttributesClass(spec: PersistentVolumeSpec, field: string): FieldError[] {
  const { volumeAttributesClassName: name, csi } = spec
  if (name === undefined) return []
  const at = `${field}.volumeAttributesClassName`
  const errors = name ? checkField(name, at, subdomain) : [fieldErrors.required(at, 'an empty string is disallowed')]
  if (!csi)
    errors.push(fieldErrors.required(`${field}.csi`, 'has to be specified when using volumeAttributesClassName'))
  return errors
}

function validateCapacity({ capacity = {} }: PersistentVolumeSpec, field: string): FieldError[] {
  const names = Object.keys(capacity)
  const errors: FieldError[] = names.length === 0 ? [fieldErrors.required(field)] : []
  if (!names.includes('storage') || names.length > 1) {
    errors.push(fieldErrors.notSupported(field, names.length > 0 ? capacity : null, ['storage']))
  }
  for (const [name, quantity] of Object.entries(capacity)) {
    errors.push(...checkBasicQuantity(quantity, `${field}[${name}]`))
    errors.push(...checkPositiveQuantity(quantity, `${field}[${name}]`))
  }
  return errors
}

/** Not below zero; the bad value is a number. */
export function checkBasicQuantity(quantity: string, field: string): FieldError[] {
  const value = quantityValue(quantity)
  return value < 0 ? [fieldErrors.invalid(field, value, 'must be a valid resource quantity')] : []
}

function validateNodeAffinity(
  affinity: VolumeNodeAffinity | undefined,
  field: string,
  rules: VolumeSpecRules,
): FieldError[] {
  if (!affinity) return []
  if (!affinity.required) {
    return [fieldErrors.required(`${field}.required`, 'must specify required node constraints')]
  }
  return validateNodeSelector(affinity.required, `${field}.required`, rules)
}

export function validateRecycling({ hostPath, persistentVolumeReclaimPolicy }: PersistentVolumeSpec, field: string) {
  if (!hostPath || persistentVolumeReclaimPolicy !== 'Recycle' || !isRoot(hostPath.path)) return []
  const detail = "may not be 'recycle' for a hostPath mount of '/'"
  return [fieldErrors.forbidden(`${field}.persistentVolumeReclaimPolicy`, detail)]
}

/** `/`, however it is spelled. */
function isRoot(path: string): boolean {
  return path.startsWith('/') && path.split('/').every((part) => part === '' || part === '.' || part === '..')
}

/** Plugins that pass mount options on. */
const mountable = [
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'nfs',
  'rbd',
  'quobyte',
  'iscsi',
  'cinder',
  'cephfs',
  'azureFile',
  'vsphereVolume',
  'azureDisk',
  'photonPersistentDisk',
] as const

function validateMountOptions({ metadata, spec }: PersistentVolume): FieldError[] {
  if (metadata.annotations?.[mountOptions] === undefined || mountable.some((member) => spec?.[member])) return []
  const detail = 'may not specify mount options for this volume type'
  return [fieldErrors.forbidden(`metadata.annotations.${mountOptions}`, detail)]
}

export function validatePersistentVolumeUpdate(
  volume: PersistentVolume,
  old: PersistentVolume,
  { enabled }: Pick<RuleContext, 'enabled'>,
): FieldError[] {
  const spec = volume.spec!
  const before = old.spec!
  const rules = { allowInvalidValues: hasInvalidNodeSelectorValue(before.nodeAffinity?.required) }
  // Checked as a whole, then once more with the change, upstream too; the same text is said once.
  const errors = validateVolumeSpec(spec, volume.metadata.name ?? '', 'spec', rules)
  errors.push(...validateMountOptions(volume))
  errors.push(...validateSourceChange(spec, before))
  errors.push(...validateImmutable(spec.volumeMode ?? null, before.volumeMode ?? null, 'volumeMode'))
  if (
    !enabled('MutablePVNodeAffinity') &&
    before.nodeAffinity &&
    !sameAffinity(spec.nodeAffinity, before.nodeAffinity)
  ) {
    const detail = 'field is immutable, except for updating from beta label to GA'
    const shown = internalForm('io.k8s.api.core.v1.VolumeNodeAffinity', spec.nodeAffinity)
    errors.push(fieldErrors.invalid('nodeAffinity', shown, detail))
  }
  if (before.volumeAttributesClassName !== undefined && spec.volumeAttributesClassName === undefined) {
    const detail = 'update from non-nil value to nil is forbidden'
    errors.push(fieldErrors.forbidden('spec.volumeAttributesClassName', detail))
  }
  return errors
}

function validateSourceChange(spec: PersistentVolumeSpec, old: PersistentVolumeSpec): FieldError[] {
  const sourceOf = (one: PersistentVolumeSpec): Record<string, unknown> =>
    Object.fromEntries(volumeSourceMembers.filter((member) => one[member]).map((member) => [member, one[member]]))
  const source = sourceOf(spec)
  // A secret to expand the volume with may come later.
  if (old.csi && !old.csi.controllerExpandSecretRef && spec.csi) {
    const { controllerExpandSecretRef: _, ...csi } = spec.csi
    source['csi'] = csi
  }
  const before = sourceOf(old)
  if (jsonEqual(source, before)) return []
  const shown = (one: unknown) => internalForm('io.k8s.api.core.v1.PersistentVolumeSource', one)
  const detail = `spec.persistentvolumesource is immutable after creation\n${jsonDiff(shown(before), shown(source))}`
  return [fieldErrors.forbidden('spec.persistentvolumesource', detail)]
}

const newNames: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
}

/** Equal, but for labels that have got new names. */
function sameAffinity(affinity: VolumeNodeAffinity | undefined, old: VolumeNodeAffinity): boolean {
  const terms = affinity?.required?.nodeSelectorTerms ?? []
  const before = old.required?.nodeSelectorTerms ?? []
  if (affinity === undefined || terms.length !== before.length) return false
  return before.every((term, index) =>
    (['matchExpressions', 'matchFields'] as const).every((member) => {
      const now = terms[index]![member] ?? []
      const then = term[member] ?? []
      if (now.length !== then.length) return false
      return then.every((one, at) => {
        const { key = '' } = now[at]!
        // Upstream's table gives an empty name for what is not in it, which so may become nothing.
        const same = (newNames[one.key] ?? '') === key ? key : one.key
        return jsonEqual({ ...now[at], key }, { ...one, key: same })
      })
    }),
  )
}

const oldSources: readonly [keyof PersistentVolumeSpec, path: string, text: string][] = [
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
]
const oldAnnotations: Readonly<Record<string, string>> = {
  'volume.beta.kubernetes.io/storage-class': 'deprecated since v1.8; use "storageClassName" attribute instead',
  [mountOptions]: 'deprecated since v1.31; use "mountOptions" attribute instead',
}

/** pkg/api/persistentvolume/util.go. */
export function persistentVolumeWarnings({ metadata, spec }: PersistentVolume): string[] {
  const warnings: string[] = []
  for (const [key, text] of Object.entries(oldAnnotations)) {
    if (metadata.annotations?.[key] !== undefined) warnings.push(`metadata.annotations[${key}]: ${text}`)
  }
  if (spec?.persistentVolumeReclaimPolicy === 'Recycle') {
    warnings.push(
      'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
    )
  }
  for (const [index, term] of (spec?.nodeAffinity?.required?.nodeSelectorTerms ?? []).entries()) {
    for (const [at, { key }] of (term.matchExpressions ?? []).entries()) {
      const text = nodeLabelWarning(key)
      const field = `spec.nodeAffinity.required.nodeSelectorTerms[${index}].matchExpressions[${at}].key`
      if (text) warnings.push(`${field}: ${key} is ${text}`)
    }
  }
  for (const [member, path, text] of oldSources) if (spec?.[member]) warnings.push(`spec.${path}: ${text}`)
  return warnings
}
