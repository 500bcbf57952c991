import type { Draft } from '../../../machinery/json.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { resetMetadata, statusWithoutMetadata } from '../../object-metadata.ts'
import type { CSINode } from '../../types.generated.ts'
import { validateCsiNode, validateCsiNodeStatus, validateCsiNodeUpdate } from './csi-node-validation.ts'

/** Volumes' health is for those who ask for it (the feature gate CSIVolumeHealth, off by default). */
function dropHealth(draft: Draft<CSINode>, old: CSINode): void {
  if (!old.status?.storageHealth?.length) delete draft.status?.storageHealth
}

export const csiNodes = defineKind<CSINode>(
  { group: 'storage.k8s.io', version: 'v1', kind: 'CSINode' },
  {
    returnsDeletedObject: true,
    generation: false,
    validate: validateCsiNode,
    validateUpdate: validateCsiNodeUpdate,
    subresources: {
      status: {
        ...statusWithoutMetadata,
        prepareForUpdate(draft, old) {
          resetMetadata(draft, old)
          dropHealth(draft, old)
        },
        validateUpdate: validateCsiNodeStatus,
      },
    },
    columns: [nameColumn, column('Drivers', 'integer', ({ spec }) => (spec?.drivers ?? []).length), ageColumn],
  },
)
