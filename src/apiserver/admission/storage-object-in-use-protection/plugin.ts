import { objectOf } from '../attributes.ts'
import type { AdmissionPlugin } from '../plugin.ts'

const finalizers: Readonly<Record<string, string>> = {
  'persistentvolumes.': 'kubernetes.io/pv-protection',
  'persistentvolumeclaims.': 'kubernetes.io/pvc-protection',
  'volumeattributesclasses.storage.k8s.io': 'kubernetes.io/vac-protection',
}

/** Storage that is in use goes only once it is not (plugin/pkg/admission/storage/storageobjectinuseprotection). */
export function createStorageObjectInUseProtection(): AdmissionPlugin {
  return {
    name: 'StorageObjectInUseProtection',
    handles: (operation) => operation === 'CREATE',
    mutate(attributes) {
      if (attributes.subresource !== '') return
      const finalizer = finalizers[`${attributes.resource.resource}.${attributes.resource.group}`]
      if (finalizer === undefined) return
      const { metadata } = objectOf(attributes)
      if (metadata.finalizers?.includes(finalizer)) return
      metadata.finalizers = [...(metadata.finalizers ?? []), finalizer]
    },
  }
}
