import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineOptionalKind } from '../../define-optional-kind.ts'
import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { validateConditions } from '../../../machinery/validation/conditions.ts'
import { statusWithoutMetadata } from '../../object-metadata.ts'
import type { PodGroup } from '../../types.generated.ts'
import { setPreemptionPolicy } from './preemption-policy.ts'

/** Cells that composite pod groups have as well. */
interface Grouped {
  readonly schedulingPolicy?: { readonly gang?: unknown }
  readonly workloadRef?: { readonly workloadName: string }
}
export const policyCell = ({ schedulingPolicy }: Grouped): string =>
  schedulingPolicy?.gang === undefined ? 'Basic' : 'Gang'
export const workloadCell = ({ workloadRef }: Grouped): string => workloadRef?.workloadName ?? '<none>'

function statusCell({ status }: PodGroup): string {
  const last = (type: string) => status?.conditions?.findLast((each) => each.type === type)
  const disrupted = last('DisruptionTarget')
  if (disrupted) return disrupted.reason
  const scheduled = last('PodGroupInitiallyScheduled')
  if (!scheduled) return 'Pending'
  return scheduled.status === 'True' ? 'Scheduled' : 'Unschedulable'
}

/** pkg/apis/scheduling/validation ValidatePodGroup. */
function validate({ spec }: PodGroup): FieldError[] {
  if (spec.parentCompositePodGroupName === undefined || spec.workloadRef !== undefined) return []
  return [fieldErrors.required('spec.workloadRef', 'must be set when parentCompositePodGroupName is set')]
}

function validateStatus({ spec, status }: PodGroup): FieldError[] {
  const claims = new Set((spec.resourceClaims ?? []).map(({ name }) => name))
  return [
    ...validateConditions(status?.conditions, 'status.conditions'),
    ...(status?.resourceClaimStatuses ?? []).flatMap(({ name }, index) =>
      claims.has(name)
        ? []
        : [
            fieldErrors.invalid(
              `status.resourceClaimStatuses[${index}].name`,
              name,
              'must match the name of an entry in `spec.resourceClaims`',
            ),
          ],
    ),
  ]
}

export const podGroups = defineOptionalKind<PodGroup>(
  { group: 'scheduling.k8s.io', version: 'v1beta1', kind: 'PodGroup' },
  {
    featureGate: 'GenericWorkload',
    generation: false,
    setDefaults: setPreemptionPolicy,
    validate,
    columns: [
      nameColumn,
      column<PodGroup>('Policy', 'string', ({ spec }) => policyCell(spec)),
      column<PodGroup>('Workload', 'string', ({ spec }) => workloadCell(spec)),
      column('Status', 'string', statusCell),
      ageColumn,
    ],
    subresources: {
      status: {
        ...statusWithoutMetadata,
        validateUpdate: validateStatus,
      },
    },
  },
)
