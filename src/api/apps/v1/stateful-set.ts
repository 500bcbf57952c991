import { ageColumn, column, containerColumns, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { claimSpecWarnings } from '../../core/v1/persistent-volume-claim/warnings.ts'
import { podTemplateWarnings } from '../../core/v1/pod/warnings.ts'
import { isUnchanged } from '../../object-metadata.ts'
import type { StatefulSet } from '../../types.generated.ts'
import { validateStatefulSet, validateStatefulSetStatus, validateStatefulSetUpdate } from './stateful-set/validation.ts'

function warnings(set: StatefulSet, old: StatefulSet | undefined): string[] {
  const { spec } = set
  const texts = isUnchanged(set, old) ? [] : podTemplateWarnings(spec?.template, 'spec.template')
  for (const [index, claim] of (spec?.volumeClaimTemplates ?? []).entries()) {
    // Two paths, upstream too.
    const field = `spec.volumeClaimTemplates[${index}]${old === undefined ? '' : '.Spec'}`
    texts.push(...claimSpecWarnings(claim.spec ?? {}, field))
  }
  if ((spec?.revisionHistoryLimit ?? 0) < 0) {
    const text = 'a negative value retains all historical revisions; a value >= 0 is recommended'
    texts.push(`spec.revisionHistoryLimit: ${text}`)
  }
  return texts
}

export const statefulSets = defineKind<StatefulSet>(
  { group: 'apps', version: 'v1', kind: 'StatefulSet' },
  {
    allowUnconditionalUpdate: true,
    setDefaults(draft, _now, enabled) {
      const spec = draft.spec!
      spec.podManagementPolicy ||= 'OrderedReady'
      const strategy = (spec.updateStrategy ??= {})
      if (!strategy.type) {
        strategy.type = 'RollingUpdate'
        strategy.rollingUpdate ??= {}
      }
      if (strategy.type === 'RollingUpdate' && strategy.rollingUpdate !== undefined) {
        strategy.rollingUpdate.partition ??= 0
        if (enabled!('MaxUnavailableStatefulSet')) strategy.rollingUpdate.maxUnavailable ??= 1
      }
      const retention = (spec.persistentVolumeClaimRetentionPolicy ??= {})
      retention.whenDeleted ||= 'Retain'
      retention.whenScaled ||= 'Retain'
      spec.replicas ??= 1
      spec.revisionHistoryLimit ??= 10
      // A claim template is a claim, and gets a claim's defaults.
      for (const claim of spec.volumeClaimTemplates ?? []) {
        Object.assign(claim, { kind: 'PersistentVolumeClaim', apiVersion: 'v1' })
        if (claim.status) claim.status.phase ||= 'Pending'
      }
    },
    nameRule: 'dns1123Label',
    validate: validateStatefulSet,
    validateUpdate: validateStatefulSetUpdate,
    subresources: { status: { validateUpdate: validateStatefulSetStatus } },
    warnings,
    columns: [
      nameColumn,
      column('Ready', 'string', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`),
      ageColumn,
      ...containerColumns<StatefulSet>(({ spec }) => spec?.template?.spec),
    ],
  },
)
