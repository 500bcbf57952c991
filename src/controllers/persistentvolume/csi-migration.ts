import type { KubeObject } from '../../machinery/meta/object.ts'

/** CSI drivers that do the work of plugins that once were in the tree (csi-translation-lib plugins). */
const drivers: ReadonlyMap<string, string> = new Map([
  ['kubernetes.io/aws-ebs', 'ebs.csi.aws.com'],
  ['kubernetes.io/azure-disk', 'disk.csi.azure.com'],
  ['kubernetes.io/azure-file', 'file.csi.azure.com'],
  ['kubernetes.io/cinder', 'cinder.csi.openstack.org'],
  ['kubernetes.io/gce-pd', 'pd.csi.storage.gke.io'],
  ['kubernetes.io/portworx-volume', 'pxd.portworx.com'],
  ['kubernetes.io/vsphere-volume', 'csi.vsphere.vmware.com'],
])

export const migratedTo = 'pv.kubernetes.io/migrated-to'
const inTreeFinalizer = 'kubernetes.io/pv-controller'

/** The driver that took over from an in-tree provisioner; undefined: none did. */
export function successorOf(provisioner: string): string | undefined {
  return drivers.get(provisioner)
}

/**
 * The object with the mark that its in-tree provisioner was taken over, or without one that is wrong; undefined: it is
 * right. `provisionerMarks`: the annotations that name the provisioner; the first that is there counts. Nothing is known
 * of objects without (pv_controller_base.go updateMigrationAnnotations, modifyDeletionFinalizers).
 */
export function withMigration<T extends KubeObject>(object: T, provisionerMarks: readonly string[]): T | undefined {
  const { annotations = {}, finalizers } = object.metadata
  const provisioner = provisionerMarks.map((mark) => annotations[mark]).find((value) => value !== undefined)
  if (provisioner === undefined) return undefined
  const driver = successorOf(provisioner)
  const isMarked = (annotations[migratedTo] || undefined) === driver
  const isHeld = driver !== undefined && finalizers?.includes(inTreeFinalizer) === true
  if (isMarked && !isHeld) return undefined
  const { [migratedTo]: _, ...others } = annotations
  return {
    ...object,
    metadata: {
      ...object.metadata,
      annotations: driver === undefined ? others : { ...others, [migratedTo]: driver },
      ...(isHeld && { finalizers: finalizers.filter((finalizer) => finalizer !== inTreeFinalizer) }),
    },
  }
}
