import { column, nameColumn, timeSince } from '../../columns.ts'
import { defineOptionalKind } from '../../define-optional-kind.ts'
import { validateImmutableInternal } from '../../internal-form.ts'
import type { FieldError } from '../../../machinery/field-error.ts'
import { validateConditions } from '../../../machinery/validation/conditions.ts'
import { statusWithoutMetadata } from '../../object-metadata.ts'
import type { ResourcePoolStatusRequest } from '../../types.generated.ts'

type Counted = 'totalDevices' | 'availableDevices' | 'allocatedDevices' | 'unavailableDevices'

/** Of all pools; none of a request that failed or was not answered yet. */
function sum(request: ResourcePoolStatusRequest, member: Counted): string {
  if (request.status === undefined || outcome(request)?.type === 'Failed') return '-'
  return String((request.status.pools ?? []).reduce((total, pool) => total + (pool[member] ?? 0), 0))
}

function errorCount(request: ResourcePoolStatusRequest): string {
  if (request.status === undefined || outcome(request)?.type === 'Failed') return '-'
  return String((request.status.pools ?? []).filter(({ validationError }) => validationError !== undefined).length)
}

function outcome({ status }: ResourcePoolStatusRequest) {
  return status?.conditions?.find(
    (each) => (each.type === 'Complete' || each.type === 'Failed') && each.status === 'True',
  )
}

function statusCell(request: ResourcePoolStatusRequest): string {
  const type = outcome(request)?.type ?? 'Pending'
  const poolCount = request.status?.poolCount ?? 0
  const pools = request.status?.pools ?? []
  return type === 'Complete' && poolCount > pools.length ? `Complete (${pools.length}/${poolCount} pools)` : type
}

function completedCell(request: ResourcePoolStatusRequest, now: number): string {
  const found = outcome(request)
  return found?.type === 'Complete' ? timeSince(found.lastTransitionTime, now) : '<none>'
}

/** What was answered stays (pkg/apis/resource/validation/validation_resourcepoolstatusrequest.go). */
function validateStatus({ status }: ResourcePoolStatusRequest, old: ResourcePoolStatusRequest): FieldError[] {
  if (old.status !== undefined) {
    const definition = 'io.k8s.api.resource.v1alpha3.ResourcePoolStatusRequestStatus'
    return validateImmutableInternal(definition, status, old.status, 'status')
  }
  return validateConditions(status?.conditions, 'status.conditions')
}

export const resourcePoolStatusRequests = defineOptionalKind<ResourcePoolStatusRequest>(
  { group: 'resource.k8s.io', version: 'v1alpha3', kind: 'ResourcePoolStatusRequest' },
  {
    generation: false,
    columns: [
      nameColumn,
      column('Driver', 'string', ({ spec }) => spec.driver),
      column('Total', 'string', (request) => sum(request, 'totalDevices')),
      column('Available', 'string', (request) => sum(request, 'availableDevices')),
      column('Allocated', 'string', (request) => sum(request, 'allocatedDevices')),
      column('Unavailable', 'string', (request) => sum(request, 'unavailableDevices')),
      column('Errors', 'string', errorCount),
      column('Pools', 'integer', ({ status }) => status?.poolCount ?? 0),
      column('Status', 'string', statusCell),
      column('Completed', 'string', completedCell),
    ],
    subresources: { status: { ...statusWithoutMetadata, validateUpdate: validateStatus } },
  },
)
