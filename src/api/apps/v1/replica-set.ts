import { ageColumn, column, containerColumns, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { dropDisabledFields } from '../../core/v1/pod/disabled-fields.ts'
import { formatLabelSelector } from '../../../machinery/labels/index.ts'
import { podNameWarnings } from '../../object-metadata.ts'
import type { ReplicaSet } from '../../types.generated.ts'

export const replicaSets = defineKind<ReplicaSet>(
  { group: 'apps', version: 'v1', kind: 'ReplicaSet' },
  {
    allowUnconditionalUpdate: true,
    setDefaults(draft) {
      draft.spec!.replicas ??= 1
    },
    prepareForCreate({ spec }) {
      if (spec?.template?.spec) dropDisabledFields(spec.template.spec)
    },
    prepareForUpdate({ spec }) {
      if (spec?.template?.spec) dropDisabledFields(spec.template.spec)
    },
    warnings: ({ metadata }, old) => (old === undefined ? podNameWarnings(metadata.name!) : []),
    columns: [
      nameColumn,
      column('Desired', 'integer', ({ spec }) => spec?.replicas ?? 0),
      column('Current', 'integer', ({ status }) => status?.replicas ?? 0),
      column('Ready', 'integer', ({ status }) => status?.readyReplicas ?? 0),
      ageColumn,
      ...containerColumns<ReplicaSet>(({ spec }) => spec?.template?.spec),
      column('Selector', 'string', ({ spec }) => formatLabelSelector(spec?.selector), { wide: true }),
    ],
  },
)
