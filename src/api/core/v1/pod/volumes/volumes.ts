import { volumeClaimName } from '../volume-claim.ts'
import { fieldErrors, goQuote, type FieldError } from '../../../../../machinery/field-error.ts'
import { compareQuantities } from '../../../../../machinery/quantity.ts'
import { dns1123Label, dns1123Subdomain } from '../../../../../machinery/validation/dns-names.ts'
import { validateLabels } from '../../../../../machinery/validation/label-selector.ts'
import { validateAnnotations } from '../../../../../machinery/validation/object-meta.ts'
import { checkField, checkRequired, checkRequiredOneOf } from '../../../../field-checks.ts'
import type { PersistentVolumeClaimTemplate, Volume } from '../../../../types.generated.ts'
import { validateClaimSpec } from '../../persistent-volume-claim/spec-validation.ts'
import {
  checkCsiDriverName,
  checkIscsi,
  isPortalTooLong,
  oneSourceText,
  portalTooLongText,
  volumeSourceChecks,
} from '../../volume-sources.ts'
import type { PodSpecRules } from '../validation-rules.ts'
import { validateDownwardFile } from './downward-api.ts'
import { checkFileMode, checkFileUser } from './file-mode.ts'
import { validateKeyToPath, validateProjected } from './projected.ts'

export type VolumesByName = ReadonlyMap<string, Volume>

/**
 * The volumes of a pod (pkg/apis/core/validation ValidateVolumes). `byName` has those without fault: what mounts name
 * must be among them. `podName`: known for pods only, for the claims that are named after it.
 */
export function validateVolumes(
  volumes: readonly Volume[] = [],
  podName: string | undefined,
  field: string,
  rules: PodSpecRules,
): { readonly errors: FieldError[]; readonly byName: VolumesByName } {
  const errors: FieldError[] = []
  const byName = new Map<string, Volume>()
  const created = new Set(podName ? volumes.filter((one) => one.ephemeral).map(({ name }) => `${podName}-${name}`) : [])
  for (const [index, volume] of volumes.entries()) {
    const at = `${field}[${index}]`
    const { name, persistentVolumeClaim: claim } = volume
    const faults = validateSource(volume, podName, at, rules)
    faults.push(...checkRequired(name, `${at}.name`, dns1123Label))
    if (byName.has(name)) faults.push(fieldErrors.duplicate(`${at}.name`, name))
    if (faults.length === 0) byName.set(name, volume)
    errors.push(...faults)
    if (claim && created.has(claim.claimName)) {
      const detail = 'must not reference a PVC that gets created for an ephemeral volume'
      errors.push(fieldErrors.invalid(`${at}.persistentVolumeClaim.claimName`, claim.claimName, detail))
    }
  }
  return { errors, byName }
}

type Source = Exclude<keyof Volume, 'name'>
interface Context {
  readonly rules: PodSpecRules
  readonly podName: string | undefined
  readonly volume: Volume
  readonly volumeField: string
}
type SourceCheck = (volume: Volume, at: string, context: Context) => FieldError[]

/** In the order in which upstream looks at them, which decides which of two sources is the one too many. */
const checks = new Map<Source, SourceCheck>([
  ['emptyDir', checkEmptyDir],
  ...(['hostPath', 'gitRepo', 'gcePersistentDisk', 'awsElasticBlockStore'] as const).map(shared),
  ['secret', ({ secret }, at) => [...checkRequired(secret!.secretName, `${at}.secretName`), ...checkKeys(secret!, at)]],
  shared('nfs'),
  ['iscsi', ({ iscsi }, at) => checkIscsi(iscsi!, at, 'pod')],
  ...(['glusterfs', 'flocker'] as const).map(shared),
  ['persistentVolumeClaim', (volume, at) => checkRequired(volume.persistentVolumeClaim!.claimName, `${at}.claimName`)],
  ...(['rbd', 'cinder', 'cephfs', 'quobyte'] as const).map(shared),
  ['downwardAPI', checkDownwardApi],
  ...(['fc', 'flexVolume'] as const).map(shared),
  ['configMap', ({ configMap }, at) => [...checkRequired(configMap!.name, `${at}.name`), ...checkKeys(configMap!, at)]],
  ...(['azureFile', 'vsphereVolume', 'photonPersistentDisk', 'portworxVolume', 'azureDisk', 'storageos'] as const).map(
    shared,
  ),
  ['projected', ({ projected }, at, { rules }) => validateProjected(projected!, at, rules)],
  shared('scaleIO'),
  ['csi', checkCsi],
  ['ephemeral', checkEphemeral],
  ['image', checkImage],
])

/** Paths that upstream spells differently: of what is one source too many, and of the fields of the source. */
const tooManyPaths: Partial<Record<Source, string>> = { cephfs: 'cephFS', downwardAPI: 'downwarAPI' }
const sourcePaths: Partial<Record<Source, string>> = { gcePersistentDisk: 'persistentDisk' }

function shared<Member extends keyof typeof volumeSourceChecks & Source>(member: Member): [Source, SourceCheck] {
  const check = volumeSourceChecks[member] as (source: unknown, at: string) => FieldError[]
  return [member, (volume, at) => check(volume[member], at)]
}

function validateSource(volume: Volume, podName: string | undefined, at: string, rules: PodSpecRules): FieldError[] {
  const errors: FieldError[] = []
  let count = 0
  for (const [member, check] of checks) {
    if (!volume[member]) continue
    if (count > 0) errors.push(fieldErrors.forbidden(`${at}.${tooManyPaths[member] ?? member}`, oneSourceText))
    else {
      count++
      const path = `${at}.${sourcePaths[member] ?? member}`
      errors.push(...check(volume, path, { rules, podName, volume, volumeField: at }))
    }
    if (member === 'iscsi' && volume.iscsi!.initiatorName !== undefined) {
      if (isPortalTooLong(volume.name, volume.iscsi!.targetPortal)) {
        errors.push(fieldErrors.invalid(`${at}.name`, volume.name, portalTooLongText))
      }
    }
  }
  if (count === 0) errors.push(fieldErrors.required(at, 'must specify a volume type'))
  return errors
}

function checkEmptyDir({ emptyDir }: Volume, at: string): FieldError[] {
  const { sizeLimit, mode } = emptyDir!
  const errors: FieldError[] = []
  if (sizeLimit !== undefined && compareQuantities(sizeLimit, '0') < 0) {
    errors.push(fieldErrors.forbidden(`${at}.sizeLimit`, 'SizeLimit field must be a valid resource quantity'))
  }
  if (mode !== undefined && (mode < 0 || mode > 0o1777)) {
    const detail = 'must be a number between 0 and 01777 (octal), both inclusive'
    errors.push(fieldErrors.invalid(`${at}.mode`, mode, detail))
  }
  return errors
}

function checkKeys(source: NonNullable<Volume['secret'] | Volume['configMap']>, at: string): FieldError[] {
  return [
    ...checkFileMode(source.defaultMode, `${at}.defaultMode`),
    ...checkFileUser(source.defaultUser, `${at}.defaultUser`),
    ...(source.items ?? []).flatMap((key, index) => validateKeyToPath(key, `${at}.items[${index}]`)),
  ]
}

function checkDownwardApi({ downwardAPI }: Volume, at: string): FieldError[] {
  return [
    ...checkFileMode(downwardAPI!.defaultMode, `${at}.defaultMode`),
    ...checkFileUser(downwardAPI!.defaultUser, `${at}.defaultUser`),
    // Without the item's index, upstream too.
    ...(downwardAPI!.items ?? []).flatMap((file) => validateDownwardFile(file, at)),
  ]
}

function checkCsi({ csi }: Volume, at: string): FieldError[] {
  const { driver, nodePublishSecretRef: secret } = csi!
  const errors = checkCsiDriverName(driver, `${at}.driver`)
  if (secret && !secret.name) errors.push(fieldErrors.required(`${at}.nodePublishSecretRef.name`))
  if (secret?.name) errors.push(...checkField(secret.name, `${at}.name`, (name) => dns1123Subdomain(name)))
  return errors
}

function checkEphemeral({ ephemeral }: Volume, at: string, { podName, volume, volumeField }: Context): FieldError[] {
  const errors: FieldError[] = []
  const { volumeClaimTemplate } = ephemeral!
  if (!volumeClaimTemplate) errors.push(fieldErrors.required(`${at}.volumeClaimTemplate`))
  else {
    errors.push(...validateTemplateMetadata(volumeClaimTemplate.metadata, `${at}.volumeClaimTemplate.metadata`))
    errors.push(...validateClaimSpec(volumeClaimTemplate.spec, `${at}.volumeClaimTemplate.spec`))
  }
  if (podName && volume.name) {
    const claimName = volumeClaimName(podName, volume) ?? ''
    for (const text of dns1123Subdomain(claimName)) {
      errors.push(fieldErrors.invalid(`${volumeField}.name`, volume.name, `PVC name ${goQuote(claimName)}: ${text}`))
    }
  }
  return errors
}

/** The metadata of what will be made from a template: nothing but labels and annotations. */
export function validateTemplateMetadata(
  metadata: PersistentVolumeClaimTemplate['metadata'] = {},
  field: string,
): FieldError[] {
  const errors = validateAnnotations(metadata.annotations, `${field}.annotations`)
  errors.push(...validateLabels(metadata.labels, `${field}.labels`))
  for (const member of Object.keys(metadata)) {
    if (member === 'annotations' || member === 'labels' || !metadata[member as keyof typeof metadata]) continue
    const name = member === 'uid' ? 'uID' : member
    errors.push(fieldErrors.forbidden(`${field}.${name}`, 'cannot be set'))
  }
  return errors
}

function checkImage({ image }: Volume, at: string, { rules }: Context): FieldError[] {
  const { reference, pullPolicy } = image!
  return [
    ...(reference || rules.allowEmptyImageReference ? [] : [fieldErrors.required(`${at}.reference`)]),
    ...checkRequiredOneOf(pullPolicy, `${at}.pullPolicy`, pullPolicies),
  ]
}

export const pullPolicies: readonly string[] = ['Always', 'IfNotPresent', 'Never']
