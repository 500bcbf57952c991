import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { dns1123Label, dns1123Subdomain } from '../../../machinery/validation/dns-names.ts'
import { byteLength, inclusiveRange } from '../../../machinery/validation/message-text.ts'
import { checkField, checkRequired, requireAll } from '../../field-checks.ts'
import type { ISCSIPersistentVolumeSource, PersistentVolumeSpec, VolumeSource } from '../../types.generated.ts'
import { checkDescendingPath, checkNoBacksteps } from './paths.ts'

/**
 * The sources of volumes that pods and PersistentVolumes have in common, or nearly (pkg/apis/core/validation). Each
 * takes the source and the path of its field; some of those paths differ from the field's name upstream, too.
 */
type Sources = VolumeSource & PersistentVolumeSpec
type Checks = {
  readonly [Member in keyof Sources]?: (source: NonNullable<Sources[Member]>, at: string) => FieldError[]
}

/** Not in volumes of their own: what validate does when a volume has two sources. */
export const oneSourceText = 'may not specify more than 1 volume type'

export const volumeSourceChecks = {
  hostPath({ path, type }, at) {
    if (!path) return [fieldErrors.required(`${at}.path`)]
    const errors = checkNoBacksteps(path, `${at}.path`)
    if (type !== undefined && !hostPathTypes.includes(type)) {
      errors.push(fieldErrors.notSupported(`${at}.type`, type, hostPathTypes))
    }
    return errors
  },
  gitRepo({ repository, directory = '' }, at) {
    return [...checkRequired(repository, `${at}.repository`), ...checkDescendingPath(directory, `${at}.directory`)]
  },
  gcePersistentDisk: ({ pdName, partition }, at) => [
    ...checkRequired(pdName, `${at}.pdName`),
    ...checkPartition(partition, at),
  ],
  awsElasticBlockStore: ({ volumeID, partition }, at) => [
    ...checkRequired(volumeID, `${at}.volumeID`),
    ...checkPartition(partition, at),
  ],
  nfs(source, at) {
    const errors = requireAll(source, at, 'server', 'path')
    if (!source.path.startsWith('/')) {
      errors.push(fieldErrors.invalid(`${at}.path`, source.path, 'must be an absolute path'))
    }
    return errors
  },
  glusterfs: (source, at) => requireAll(source, at, 'endpoints', 'path'),
  flocker({ datasetName = '', datasetUUID = '' }, at) {
    const errors: FieldError[] = []
    if (!datasetName && !datasetUUID) {
      errors.push(fieldErrors.required(at, 'one of datasetName and datasetUUID is required'))
    }
    if (datasetName && datasetUUID) {
      const detail = 'datasetName and datasetUUID can not be specified simultaneously'
      errors.push(fieldErrors.invalid(at, 'resource', detail))
    }
    if (datasetName.includes('/')) {
      errors.push(fieldErrors.invalid(`${at}.datasetName`, datasetName, "must not contain '/'"))
    }
    return errors
  },
  quobyte({ registry, tenant = '', volume }, at) {
    const errors: FieldError[] = []
    const registryText = 'must be a host:port pair or multiple pairs separated by commas'
    if (!registry) errors.push(fieldErrors.required(`${at}.registry`, registryText))
    else if (byteLength(tenant) >= 65) {
      const detail = 'must be a UUID and may not exceed a length of 64 characters'
      errors.push(fieldErrors.required(`${at}.tenant`, detail))
    } else {
      for (const pair of registry.split(',')) {
        if (!hostAndPort.test(pair)) errors.push(fieldErrors.invalid(`${at}.registry`, registry, registryText))
      }
    }
    return [...errors, ...checkRequired(volume, `${at}.volume`)]
  },
  fc({ targetWWNs = [], wwids = [], lun }, at) {
    const errors: FieldError[] = []
    if (targetWWNs.length === 0 && wwids.length === 0) {
      const detail = 'must specify either targetWWNs or wwids, but not both'
      errors.push(fieldErrors.required(`${at}.targetWWNs`, detail))
    }
    if (targetWWNs.length > 0 && wwids.length > 0) {
      const detail = 'targetWWNs and wwids can not be specified simultaneously'
      errors.push(fieldErrors.invalid(`${at}.targetWWNs`, targetWWNs, detail))
    }
    if (targetWWNs.length > 0) {
      if (lun === undefined)
        errors.push(fieldErrors.required(`${at}.lun`, 'lun is required if targetWWNs is specified'))
      else errors.push(...checkLun(lun, at))
    }
    return errors
  },
  rbd: ({ monitors, image }, at) => [
    ...(monitors?.length ? [] : [fieldErrors.required(`${at}.monitors`)]),
    ...checkRequired(image, `${at}.image`),
  ],
  cephfs: ({ monitors }, at) => (monitors?.length ? [] : [fieldErrors.required(`${at}.monitors`)]),
  cinder: ({ volumeID, secretRef }, at) => [
    ...checkRequired(volumeID, `${at}.volumeID`),
    ...(secretRef ? checkRequired(secretRef.name, `${at}.secretRef.name`) : []),
  ],
  flexVolume({ driver, options = {} }, at) {
    const errors = checkRequired(driver, `${at}.driver`)
    for (const key of Object.keys(options)) {
      const namespace = `.${key.split('/')[0]!.toLowerCase()}`
      if (!namespace.endsWith('.kubernetes.io') && !namespace.endsWith('.k8s.io')) continue
      const detail = 'kubernetes.io and k8s.io namespaces are reserved'
      errors.push(fieldErrors.invalid(`${at}.options[${key}]`, key, detail))
    }
    return errors
  },
  azureFile: (source, at) => requireAll(source, at, 'secretName', 'shareName'),
  azureDisk({ diskName, diskURI, cachingMode, kind }, at) {
    const errors = [...checkRequired(diskName, `${at}.diskName`), ...checkRequired(diskURI, `${at}.diskURI`)]
    const unsupported = (member: string, value: string, supported: readonly string[]) =>
      errors.push(fieldErrors.notSupported(`${at}.${member}`, value, supported))
    if (cachingMode !== undefined && !cachingModes.includes(cachingMode)) {
      unsupported('cachingMode', cachingMode, cachingModes)
    }
    if (kind !== undefined && !diskKinds.includes(kind)) unsupported('kind', kind, diskKinds)
    if (kind === 'Managed' && !diskURI.startsWith('/subscriptions/')) unsupported('diskURI', diskURI, managedDiskUris)
    if (kind !== undefined && kind !== 'Managed' && !diskURI.startsWith('https://')) {
      unsupported('diskURI', diskURI, blobDiskUris)
    }
    return errors
  },
  vsphereVolume: (source, at) => requireAll(source, at, 'volumePath'),
  photonPersistentDisk: (source, at) => requireAll(source, at, 'pdID'),
  portworxVolume: (source, at) => requireAll(source, at, 'volumeID'),
  scaleIO: ({ gateway, system, volumeName }, at) =>
    requireAll({ gateway, system, volumeName }, at, 'gateway', 'system', 'volumeName'),
  storageos({ volumeName, volumeNamespace, secretRef }, at) {
    const errors = checkRequired(volumeName, `${at}.volumeName`, dns1123Label)
    if (volumeNamespace) errors.push(...checkField(volumeNamespace, `${at}.volumeNamespace`, dns1123Label))
    if (secretRef) errors.push(...checkRequired(secretRef.name, `${at}.secretRef.name`))
    return errors
  },
} as const satisfies Checks

const hostPathTypes: readonly string[] = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
]
const cachingModes: readonly string[] = ['None', 'ReadOnly', 'ReadWrite']
const diskKinds: readonly string[] = ['Dedicated', 'Managed', 'Shared']
const managedDiskUris = [
  '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}',
]
const blobDiskUris = ['https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd']
const hostAndPort = /^(?:\[[^[\]]*\]|[^:[\]]*):[^:[\]]*$/

function checkPartition(partition: number | undefined, at: string): FieldError[] {
  // Zero is let through, though the text denies it.
  const right = partition === undefined || (partition >= 0 && partition <= 255)
  return right ? [] : [fieldErrors.invalid(`${at}.partition`, partition, inclusiveRange(1, 255))]
}

function checkLun(lun: number, at: string): FieldError[] {
  return lun < 0 || lun > 255 ? [fieldErrors.invalid(`${at}.lun`, lun, inclusiveRange(0, 255))] : []
}

const initiatorForms: readonly [prefix: string, form: RegExp][] = [
  ['iqn', /iqn\.\d{4}-\d{2}\.([0-9A-Za-z.-]+)(:[^,;*&$|\s]+)$/],
  ['eui', /^eui.[0-9A-Za-z]{16}$/],
  ['naa', /^naa.[0-9A-Za-z]{32}$/],
]

/** The names of iSCSI initiators and targets; `unknownText` is what is said of a prefix that is none. */
function checkInitiator(name: string, field: string, unknownText: string): FieldError[] {
  const form = initiatorForms.find(([prefix]) => name.startsWith(prefix))
  if (form === undefined) return [fieldErrors.invalid(field, name, unknownText)]
  return form[1].test(name) ? [] : [fieldErrors.invalid(field, name, 'must be valid format')]
}

type Iscsi = Omit<ISCSIPersistentVolumeSource, 'secretRef'> & { readonly secretRef?: { readonly name?: string } }

/** `kind`: PersistentVolumes have other words for some faults, and their name counts for the length of the portal. */
export function checkIscsi(source: Iscsi, at: string, kind: 'pod' | { readonly volumeName: string }): FieldError[] {
  const { targetPortal = '', iqn, initiatorName, lun = 0, secretRef } = source
  const unknownText = kind === 'pod' ? 'must be valid format starting with iqn, eui, or naa' : 'must be valid format'
  const errors = checkRequired(targetPortal, `${at}.targetPortal`)
  if (kind !== 'pod' && initiatorName !== undefined && isPortalTooLong(kind.volumeName, targetPortal)) {
    errors.push(fieldErrors.invalid(`${at}.targetportal`, targetPortal, portalTooLongText))
  }
  if (!iqn) errors.push(fieldErrors.required(`${at}.iqn`))
  else errors.push(...checkInitiator(iqn, `${at}.iqn`, unknownText))
  errors.push(...checkLun(lun, at))
  if ((source.chapAuthDiscovery || source.chapAuthSession) && !secretRef) {
    errors.push(fieldErrors.required(`${at}.secretRef`))
  }
  if (kind !== 'pod' && secretRef) errors.push(...checkRequired(secretRef.name, `${at}.secretRef.name`))
  if (initiatorName !== undefined) errors.push(...checkInitiator(initiatorName, `${at}.initiatorname`, unknownText))
  return errors
}

export const portalTooLongText =
  'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.'

export function isPortalTooLong(volumeName: string, targetPortal: string): boolean {
  return byteLength(`${volumeName}:${targetPortal}`) > 64
}

/** The name of a CSI driver. */
export function checkCsiDriverName(name: string, field: string): FieldError[] {
  if (!name) return [fieldErrors.required(field)]
  const errors = byteLength(name) > 63 ? [fieldErrors.tooLong(field, '', 63)] : []
  return [...errors, ...checkField(name, field, (text) => dns1123Subdomain(text.toLowerCase()))]
}
