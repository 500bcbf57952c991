import { ageColumn, column, containerColumns, labelsCell, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { jsonEqual, type Draft } from '../../../machinery/json.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import { formatLabelSelector } from '../../../machinery/labels/index.ts'
import { podTemplateWarnings } from '../../core/v1/pod/warnings.ts'
import type { DaemonSet } from '../../types.generated.ts'
import { validateDaemonSet, validateDaemonSetStatus, validateDaemonSetUpdate } from './daemon-set/validation.ts'

const generationAnnotation = 'deprecated.daemonset.template.generation'

/** Of old a field of the spec; an annotation keeps it (pkg/apis/apps/v1/conversion.go). */
function templateGeneration({ metadata }: KubeObject | Draft<KubeObject>): number {
  return Number.parseInt(metadata.annotations?.[generationAnnotation] ?? '0', 10) || 0
}

function setTemplateGeneration({ metadata }: Draft<KubeObject>, generation: number): void {
  metadata.annotations = { ...metadata.annotations, [generationAnnotation]: String(generation) }
}

export const daemonSets = defineKind<DaemonSet>(
  { group: 'apps', version: 'v1', kind: 'DaemonSet' },
  {
    allowUnconditionalUpdate: true,
    fieldAnnotation: generationAnnotation,
    setDefaults(draft) {
      const spec = draft.spec!
      const strategy = (spec.updateStrategy ??= {})
      strategy.type ||= 'RollingUpdate'
      if (strategy.type === 'RollingUpdate') {
        const rollingUpdate = (strategy.rollingUpdate ??= {})
        rollingUpdate.maxUnavailable ??= 1
        rollingUpdate.maxSurge ??= 0
      }
      spec.revisionHistoryLimit ??= 10
      setTemplateGeneration(draft, templateGeneration(draft))
    },
    prepareForCreate(draft) {
      setTemplateGeneration(draft, Math.max(1, templateGeneration(draft)))
    },
    prepareForUpdate(draft, old) {
      const changed = !jsonEqual(draft.spec!.template, old.spec?.template)
      setTemplateGeneration(draft, templateGeneration(old) + (changed ? 1 : 0))
    },
    validate: validateDaemonSet,
    validateUpdate: validateDaemonSetUpdate,
    subresources: { status: { validateUpdate: validateDaemonSetStatus } },
    warnings: (object, old) =>
      old !== undefined && templateGeneration(old) === templateGeneration(object)
        ? []
        : podTemplateWarnings(object.spec?.template, 'spec.template'),
    columns: [
      nameColumn,
      column('Desired', 'integer', ({ status }) => status?.desiredNumberScheduled ?? 0),
      column('Current', 'integer', ({ status }) => status?.currentNumberScheduled ?? 0),
      column('Ready', 'integer', ({ status }) => status?.numberReady ?? 0),
      column('Up-to-date', 'integer', ({ status }) => status?.updatedNumberScheduled ?? 0),
      column('Available', 'integer', ({ status }) => status?.numberAvailable ?? 0),
      column('Node Selector', 'string', ({ spec }) => labelsCell(spec?.template?.spec?.nodeSelector)),
      ageColumn,
      ...containerColumns<DaemonSet>(({ spec }) => spec?.template?.spec),
      column('Selector', 'string', ({ spec }) => formatLabelSelector(spec?.selector), { wide: true }),
    ],
  },
)
