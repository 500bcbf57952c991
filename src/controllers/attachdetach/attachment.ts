import { createHash } from 'node:crypto'
import type { CSIDriver, PersistentVolume, VolumeAttachment } from '../../api/types.generated.ts'

/** A volume of a CSI driver that wants its volumes attached to a node before they are mounted. */
export interface AttachableVolume {
  readonly volume: PersistentVolume
  readonly driver: string
  readonly handle: string
}

/** undefined: it is mounted without being attached. A driver that says nothing wants it (csi_plugin.go skipAttach). */
export function attachable(
  volume: PersistentVolume,
  driverNamed: (name: string) => CSIDriver | undefined,
): AttachableVolume | undefined {
  const { csi } = volume.spec
  if (csi === undefined || driverNamed(csi.driver)?.spec.attachRequired === false) return undefined
  return { volume, driver: csi.driver, handle: csi.volumeHandle }
}

/** How a node's status names a volume: `kubernetes.io/csi/DRIVER^HANDLE`. */
export function uniqueName({ driver, handle }: Pick<AttachableVolume, 'driver' | 'handle'>): string {
  return `kubernetes.io/csi/${driver}^${handle}`
}

/** The name of the VolumeAttachment, by which the node finds it (csi_attacher.go getAttachmentName). */
export function attachmentName({ driver, handle }: Pick<AttachableVolume, 'driver' | 'handle'>, node: string): string {
  return `csi-${createHash('sha256').update(`${handle}${driver}${node}`).digest('hex')}`
}

export function newAttachment(wanted: AttachableVolume, node: string): VolumeAttachment {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'VolumeAttachment',
    metadata: { name: attachmentName(wanted, node) },
    spec: {
      attacher: wanted.driver,
      nodeName: node,
      source: { persistentVolumeName: wanted.volume.metadata.name },
    },
  } as VolumeAttachment
}

/** Whether several nodes may have it at once. A volume without modes says nothing against it (IsMultiAttachAllowed). */
export function allowsManyNodes({ spec: { accessModes = [] } }: PersistentVolume): boolean {
  return accessModes.length === 0 || accessModes.some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany')
}
