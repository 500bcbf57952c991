import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineOptionalKind } from '../../define-optional-kind.ts'
import { validateConditions } from '../../../machinery/validation/conditions.ts'
import { statusWithoutMetadata } from '../../object-metadata.ts'
import type { CompositePodGroup } from '../../types.generated.ts'
import { setPreemptionPolicy } from '../v1beta1/preemption-policy.ts'
import { policyCell, workloadCell } from '../v1beta1/pod-group.ts'

export const compositePodGroups = defineOptionalKind<CompositePodGroup>(
  { group: 'scheduling.k8s.io', version: 'v1alpha3', kind: 'CompositePodGroup' },
  {
    featureGate: 'CompositePodGroup',
    generation: false,
    setDefaults: setPreemptionPolicy,
    columns: [
      nameColumn,
      column<CompositePodGroup>('Policy', 'string', ({ spec }) => policyCell(spec)),
      column<CompositePodGroup>('Workload', 'string', ({ spec }) => workloadCell(spec)),
      ageColumn,
    ],
    subresources: {
      status: {
        ...statusWithoutMetadata,
        validateUpdate: ({ status }) => validateConditions(status?.conditions, 'status.conditions'),
      },
    },
  },
)
