import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { statusWithoutMetadata } from '../../object-metadata.ts'
import type { CSINode } from '../../types.generated.ts'
import { validateCsiNode, validateCsiNodeStatus, validateCsiNodeUpdate } from './csi-node-validation.ts'

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
        validateUpdate: validateCsiNodeStatus,
      },
    },
    columns: [nameColumn, column('Drivers', 'integer', ({ spec }) => (spec?.drivers ?? []).length), ageColumn],
  },
)
