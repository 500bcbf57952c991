import { storageClasses } from '../../../api/storage/v1/storage-class.ts'
import type { PersistentVolumeClaim } from '../../../api/types.generated.ts'
import { isFor, objectOf } from '../attributes.ts'
import { defaultOf } from '../default-class.ts'
import type { AdmissionPlugin } from '../plugin.ts'
import type { AdmissionServices } from '../services.ts'

/** Gives a claim without a class the default one (plugin/pkg/admission/storage/storageclass/setdefault). */
export function createDefaultStorageClass({ lister }: Pick<AdmissionServices, 'lister'>): AdmissionPlugin {
  const marks = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class']
  return {
    name: 'DefaultStorageClass',
    handles: (operation) => operation === 'CREATE',
    mutate(attributes) {
      if (!isFor(attributes, 'persistentvolumeclaims')) return
      const { spec, metadata } = objectOf<PersistentVolumeClaim>(attributes)
      const annotated = metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] !== undefined
      // The empty class is a choice too.
      if (annotated || (spec.storageClassName !== undefined && spec.storageClassName !== null)) return
      const found = defaultOf(lister.list(storageClasses), marks)
      if (found !== undefined) spec.storageClassName = found.metadata.name
    },
  }
}
