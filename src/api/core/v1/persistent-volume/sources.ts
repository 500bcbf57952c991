import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { dns1123Label, dns1123Subdomain } from '../../../../machinery/validation/dns-names.ts'
import { checkRequired } from '../../../field-checks.ts'
import type { PersistentVolumeSpec, SecretReference } from '../../../types.generated.ts'
import { checkNoBacksteps } from '../paths.ts'
import { checkCsiDriverName, checkIscsi, oneSourceText, volumeSourceChecks } from '../volume-sources.ts'

/** Where a PersistentVolume's data is (pkg/apis/core/validation ValidatePersistentVolumeSpec). */
type Source = keyof typeof volumeSourceChecks | 'iscsi' | 'local' | 'csi'
type Member = Source & keyof PersistentVolumeSpec

/** In the order in which upstream looks at them. */
export const volumeSourceMembers: readonly Member[] = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
]

const sourcePaths: Partial<Record<Member, string>> = { gcePersistentDisk: 'persistentDisk' }

export function validateVolumeSource(spec: PersistentVolumeSpec, name: string, field: string): FieldError[] {
  const errors: FieldError[] = []
  let count = 0
  for (const member of volumeSourceMembers) {
    if (!spec[member]) continue
    // A FlexVolume is never one too many, upstream too.
    if (count > 0 && member !== 'flexVolume') {
      errors.push(fieldErrors.forbidden(`${field}.${member === 'cephfs' ? 'cephFS' : member}`, oneSourceText))
      continue
    }
    count++
    errors.push(...validateSource(member, spec, name, `${field}.${sourcePaths[member] ?? member}`))
    if (member === 'local' && !spec.nodeAffinity) {
      errors.push(fieldErrors.required(`${field}.nodeAffinity`, 'Local volume requires node affinity'))
    }
  }
  if (count === 0) errors.push(fieldErrors.required(field, 'must specify a volume type'))
  return errors
}

function validateSource(member: Member, spec: PersistentVolumeSpec, name: string, at: string): FieldError[] {
  switch (member) {
    case 'iscsi':
      return checkIscsi(spec.iscsi!, at, { volumeName: name })
    case 'local':
      return spec.local!.path ? checkNoBacksteps(spec.local!.path, `${at}.path`) : [fieldErrors.required(`${at}.path`)]
    case 'csi':
      return validateCsi(spec.csi!, at)
    default: {
      const check = volumeSourceChecks[member] as (source: unknown, at: string) => FieldError[]
      return [...check(spec[member], at), ...validateNamespaces(member, spec, at)]
    }
  }
}

/** Volumes are of no namespace: what they refer to says its own. */
function validateNamespaces(member: Member, spec: PersistentVolumeSpec, at: string): FieldError[] {
  const needed = (secret: SecretReference | undefined) =>
    secret ? checkRequired(secret.namespace, `${at}.secretRef.namespace`) : []
  if (member === 'cinder') return needed(spec.cinder!.secretRef)
  if (member === 'storageos') return needed(spec.storageos!.secretRef)
  if (member === 'azureFile') {
    return spec.azureFile!.secretNamespace === '' ? [fieldErrors.required(`${at}.secretNamespace`)] : []
  }
  const namespace = member === 'glusterfs' ? spec.glusterfs!.endpointsNamespace : undefined
  if (namespace === undefined) return []
  const field = `${at}.endpointsNamespace`
  if (namespace === '') {
    const detail = 'if the endpointnamespace is set, it must be a valid namespace name'
    return [fieldErrors.invalid(field, '', detail)]
  }
  return dns1123Label(namespace).map((text) => fieldErrors.invalid(field, namespace, text))
}

const csiSecrets = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
] as const

function validateCsi(csi: NonNullable<PersistentVolumeSpec['csi']>, at: string): FieldError[] {
  const errors = checkCsiDriverName(csi.driver, `${at}.driver`)
  errors.push(...checkRequired(csi.volumeHandle, `${at}.volumeHandle`))
  for (const member of csiSecrets) {
    const secret = csi[member]
    if (!secret) continue
    errors.push(...checkRequired(secret.name, `${at}.${member}.name`, (name) => dns1123Subdomain(name)))
    errors.push(...checkRequired(secret.namespace, `${at}.${member}.namespace`, dns1123Label))
  }
  return errors
}
