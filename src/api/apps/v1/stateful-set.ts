import { ageColumn, column, containerColumns, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { dropDisabledFields } from '../../core/v1/pod/disabled-fields.ts'
import type { StatefulSet } from '../../types.generated.ts'

export const statefulSets = defineKind<StatefulSet>(
  { group: 'apps', version: 'v1', kind: 'StatefulSet' },
  {
    allowUnconditionalUpdate: true,
    setDefaults(draft) {
      const spec = draft.spec!
      spec.podManagementPolicy ||= 'OrderedReady'
      const strategy = (spec.updateStrategy ??= {})
      if (!strategy.type) {
        strategy.type = 'RollingUpdate'
        strategy.rollingUpdate ??= {}
      }
      if (strategy.type === 'RollingUpdate' && strategy.rollingUpdate !== undefined) {
        strategy.rollingUpdate.partition ??= 0
        strategy.rollingUpdate.maxUnavailable ??= 1
      }
      const retention = (spec.persistentVolumeClaimRetentionPolicy ??= {})
      retention.whenDeleted ||= 'Retain'
      retention.whenScaled ||= 'Retain'
      spec.replicas ??= 1
      spec.revisionHistoryLimit ??= 10
      // A claim template is a claim, and gets a claim's defaults.
      for (const claim of spec.volumeClaimTemplates ?? []) if (claim.status) claim.status.phase ||= 'Pending'
    },
    prepareForCreate({ spec }) {
      dropDisabledFields(spec!.template.spec!)
    },
    prepareForUpdate({ spec }) {
      dropDisabledFields(spec!.template.spec!)
    },
    warnings: ({ spec }) =>
      (spec?.revisionHistoryLimit ?? 0) < 0
        ? ['spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended']
        : [],
    columns: [
      nameColumn,
      column('Ready', 'string', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`),
      ageColumn,
      ...containerColumns<StatefulSet>(({ spec }) => spec?.template?.spec),
    ],
  },
)
