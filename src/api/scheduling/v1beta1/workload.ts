import { ageColumn, nameColumn } from '../../columns.ts'
import { defineOptionalKind } from '../../define-optional-kind.ts'
import type { Workload } from '../../types.generated.ts'
import { validateWorkload } from './workload-validation.ts'

export const workloads = defineOptionalKind<Workload>(
  { group: 'scheduling.k8s.io', version: 'v1beta1', kind: 'Workload' },
  {
    featureGate: 'GenericWorkload',
    validate: validateWorkload,
    validateUpdate: validateWorkload,
    columns: [nameColumn, ageColumn],
  },
)
