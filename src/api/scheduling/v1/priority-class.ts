import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import type { PriorityClass } from '../../types.generated.ts'

export const priorityClasses = defineKind<PriorityClass>(
  { group: 'scheduling.k8s.io', version: 'v1', kind: 'PriorityClass' },
  {
    allowUnconditionalUpdate: true,
    setDefaults(draft) {
      draft.preemptionPolicy ??= 'PreemptLowerPriority'
    },
    prepareForCreate(draft) {
      draft.metadata.generation = 1
    },
    columns: [
      nameColumn,
      column('Value', 'integer', ({ value }) => value ?? 0),
      column('Global-Default', 'boolean', ({ globalDefault }) => globalDefault ?? false),
      ageColumn,
      column('PreemptionPolicy', 'string', ({ preemptionPolicy }) => preemptionPolicy ?? ''),
    ],
  },
)
