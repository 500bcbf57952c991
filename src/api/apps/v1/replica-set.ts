import { ageColumn, column, containerColumns, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { formatLabelSelector } from '../../../machinery/labels/index.ts'
import { isUnchanged, podNameWarnings } from '../../object-metadata.ts'
import type { FieldError } from '../../../machinery/field-error.ts'
import { validateImmutable, validateNonnegative } from '../../../machinery/validation/object-meta.ts'
import { templateRules } from '../../core/v1/pod/template-validation.ts'
import type { PodSpecRules } from '../../core/v1/pod/validation-rules.ts'
import { podTemplateWarnings } from '../../core/v1/pod/warnings.ts'
import { checkCounts, checkParts } from '../../replica-status.ts'
import type { ReplicaSet, ReplicaSetSpec } from '../../types.generated.ts'
import { validateReplicaTemplate } from '../selector-and-template.ts'

/** pkg/apis/apps/validation ValidateReplicaSetSpec. */
function validateSpec(spec: ReplicaSetSpec, rules: PodSpecRules): FieldError[] {
  return [
    ...validateNonnegative(spec.replicas, 'spec.replicas'),
    ...validateNonnegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...validateReplicaTemplate(spec.selector, spec.template!, rules),
  ]
}

const parts = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']

function validateStatus(status: ReplicaSet['status']): FieldError[] {
  const counts = ['replicas', ...parts, 'observedGeneration', 'terminatingReplicas']
  return [...checkCounts(status, counts), ...checkParts(status, parts, 'readyReplicas')]
}

export const replicaSets = defineKind<ReplicaSet>(
  { group: 'apps', version: 'v1', kind: 'ReplicaSet' },
  {
    allowUnconditionalUpdate: true,
    setDefaults(draft) {
      draft.spec!.replicas ??= 1
    },
    validate: ({ spec }, { enabled }) => validateSpec(spec!, templateRules(undefined, enabled)),
    validateUpdate: ({ spec }, old, { enabled }) => [
      ...validateSpec(spec!, templateRules(old.spec?.template, enabled)),
      ...validateImmutable(spec!.selector ?? null, old.spec?.selector ?? null, 'spec.selector'),
    ],
    subresources: { status: { validateUpdate: ({ status }) => validateStatus(status) } },
    warnings: (object, old) => [
      ...(old === undefined ? podNameWarnings(object.metadata.name!) : []),
      ...(isUnchanged(object, old) ? [] : podTemplateWarnings(object.spec?.template, 'spec.template')),
    ],
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
