import { ageColumn, column, containerColumns, labelsCell, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { isUnchanged, podNameWarnings } from '../../object-metadata.ts'
import type { ReplicationController } from '../../types.generated.ts'
import { podTemplateWarnings } from './pod/warnings.ts'
import {
  validateReplicationController,
  validateReplicationControllerStatus,
  validateReplicationControllerUpdate,
} from './replication-controller/validation.ts'

export const replicationControllers = defineKind<ReplicationController>(
  { group: '', version: 'v1', kind: 'ReplicationController' },
  {
    allowUnconditionalUpdate: true,
    // Declared with its type.
    nameRule: 'any',
    defaultDeletionPolicy: 'orphan',
    setDefaults(draft) {
      const labels = draft.spec?.template?.metadata?.labels
      if (labels === undefined) return
      if (Object.keys(draft.spec!.selector ?? {}).length === 0) draft.spec!.selector = { ...labels }
      if (Object.keys(draft.metadata.labels ?? {}).length === 0) draft.metadata.labels = { ...labels }
    },
    validate: validateReplicationController,
    validateUpdate: validateReplicationControllerUpdate,
    subresources: { status: { validateUpdate: validateReplicationControllerStatus } },
    warnings: (object, old) => {
      if (old === undefined) {
        return [
          ...podNameWarnings(object.metadata.name!),
          ...podTemplateWarnings(object.spec?.template, 'spec.template'),
        ]
      }
      // The old template is the one that is looked at, upstream too.
      if (isUnchanged(object, old)) return []
      return podTemplateWarnings(old.spec?.template, 'spec.template')
    },
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
