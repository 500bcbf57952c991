import { storageClasses } from '../../../api/storage/v1/storage-class.ts'
import type { PersistentVolumeClaim } from '../../../api/types.generated.ts'
import { compareQuantities } from '../../../machinery/quantity.ts'
import { isFor, objectOf, oldObjectOf, refusal } from '../attributes.ts'
import type { AdmissionPlugin } from '../plugin.ts'
import type { AdmissionServices } from '../services.ts'

/** Claims grow only where their class lets them (plugin/pkg/admission/storage/persistentvolume/resize). */
export function createPersistentVolumeClaimResize({ lister }: Pick<AdmissionServices, 'lister'>): AdmissionPlugin {
  const classOf = ({ metadata, spec }: PersistentVolumeClaim) =>
    metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec.storageClassName ?? ''
  return {
    name: 'PersistentVolumeClaimResize',
    handles: (operation) => operation === 'UPDATE',
    validate(attributes) {
      if (!isFor(attributes, 'persistentvolumeclaims')) return
      const claim = objectOf<PersistentVolumeClaim>(attributes) as PersistentVolumeClaim
      const old = oldObjectOf<PersistentVolumeClaim>(attributes)
      if (old === undefined) return
      const size = ({ spec }: PersistentVolumeClaim) => spec.resources?.requests?.storage ?? '0'
      if (compareQuantities(size(claim), size(old)) <= 0) return
      if (old.status?.phase !== 'Bound')
        throw refusal(attributes, 'Only bound persistent volume claims can be expanded')
      const name = classOf(claim)
      const found = name !== '' && name === classOf(old) ? lister.get(storageClasses, '', name) : undefined
      if (found?.allowVolumeExpansion === true) return
      throw refusal(
        attributes,
        'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
      )
    },
  }
}
