import type { KubeObject } from '../../../machinery/meta/object.ts'

/** Cells that volumes and claims share (pkg/apis/core/v1/helper). */
const modes: readonly (readonly [string, string])[] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
]

export function accessModesCell(accessModes: readonly string[] | undefined): string {
  return modes.flatMap(([mode, short]) => (accessModes?.includes(mode) ? [short] : [])).join(',')
}

/** The class, of old an annotation. */
export function storageClassOf(
  object: KubeObject & { readonly spec?: { readonly storageClassName?: string } },
): string {
  return object.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? object.spec?.storageClassName ?? ''
}
