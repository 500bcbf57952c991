import { ageColumn, column, containerColumns, labelsCell, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { podNameWarnings } from '../../object-metadata.ts'
import type { ReplicationController } from '../../types.generated.ts'
import { dropDisabledFields } from './pod/disabled-fields.ts'

export const replicationControllers = defineKind<ReplicationController>(
  { group: '', version: 'v1', kind: 'ReplicationController' },
  {
    allowUnconditionalUpdate: true,
    defaultDeletionPolicy: 'orphan',
    setDefaults(draft) {
      const labels = draft.spec?.template?.metadata?.labels
      if (labels === undefined) return
      if (Object.keys(draft.spec!.selector ?? {}).length === 0) draft.spec!.selector = { ...labels }
      if (Object.keys(draft.metadata.labels ?? {}).length === 0) draft.metadata.labels = { ...labels }
    },
    prepareForCreate({ spec }) {
      if (spec?.template?.spec) dropDisabledFields(spec.template.spec)
    },
    prepareForUpdate({ spec }) {
      if (spec?.template?.spec) dropDisabledFields(spec.template.spec)
    },
    warnings: ({ metadata }, old) => (old === undefined ? podNameWarnings(metadata.name!) : []),
    selectableFieldNames: ['status.replicas'],
    selectableFields: ({ status }) => ({ 'status.replicas': String(status?.replicas ?? 0) }),
    columns: [
      nameColumn,
      column('Desired', 'integer', ({ spec }) => spec?.replicas ?? 0),
      column('Current', 'integer', ({ status }) => status?.replicas ?? 0),
      column('Ready', 'integer', ({ status }) => status?.readyReplicas ?? 0),
      ageColumn,
      ...containerColumns<ReplicationController>(({ spec }) => spec?.template?.spec),
      column('Selector', 'string', ({ spec }) => labelsCell(spec?.selector), { wide: true }),
    ],
  },
)
