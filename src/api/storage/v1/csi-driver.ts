import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { countsGeneration } from '../../object-metadata.ts'
import type { CSIDriver } from '../../types.generated.ts'
import { csiDriverWarnings, validateCsiDriver, validateCsiDriverUpdate } from './csi-driver-validation.ts'

export const csiDrivers = defineKind<CSIDriver>(
  { group: 'storage.k8s.io', version: 'v1', kind: 'CSIDriver' },
  {
    returnsDeletedObject: true,
    setDefaults(draft, _now, enabled) {
      const spec = draft.spec!
      spec.attachRequired ??= true
      spec.podInfoOnMount ??= false
      spec.storageCapacity ??= false
      spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType'
      if ((spec.volumeLifecycleModes ?? []).length === 0) spec.volumeLifecycleModes = ['Persistent']
      spec.requiresRepublish ??= false
      spec.seLinuxMount ??= false
      if (enabled!('VolumeLimitScaling')) spec.preventPodSchedulingIfMissing ??= false
    },
    // Counted from the first change on.
    prepareForUpdate: countsGeneration<CSIDriver>('spec').prepareForUpdate,
    validate: validateCsiDriver,
    validateUpdate: validateCsiDriverUpdate,
    warnings: csiDriverWarnings,
    columns: [
      nameColumn,
      column('AttachRequired', 'boolean', ({ spec }) => spec.attachRequired ?? true),
      column('PodInfoOnMount', 'boolean', ({ spec }) => spec.podInfoOnMount ?? false),
      column('StorageCapacity', 'boolean', ({ spec }) => spec.storageCapacity ?? false),
      column('TokenRequests', 'string', ({ spec }) =>
        spec.tokenRequests === undefined ? '<unset>' : spec.tokenRequests.map(({ audience }) => audience).join(','),
      ),
      column('RequiresRepublish', 'boolean', ({ spec }) => spec.requiresRepublish ?? false),
      column('Modes', 'string', ({ spec }) => (spec.volumeLifecycleModes ?? []).join(',') || '<none>'),
      ageColumn,
    ],
  },
)
