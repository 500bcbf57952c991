import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import type { CSINode } from '../../types.generated.ts'

export const csiNodes = defineKind<CSINode>(
  { group: 'storage.k8s.io', version: 'v1', kind: 'CSINode' },
  {
    returnsDeletedObject: true,
    generation: false,
    columns: [nameColumn, column('Drivers', 'integer', ({ spec }) => (spec?.drivers ?? []).length), ageColumn],
  },
)
