import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { resetMetadata, statusWithoutMetadata } from '../../object-metadata.ts'
import type { Draft } from '../../../machinery/json.ts'
import { deviceId, validateClaimStatusUpdate } from './claim-status-validation.ts'
import { validateDeviceClaim } from './device-claim-validation.ts'
import type { ResourceClaim } from '../../types.generated.ts'

function stateCell({ metadata, status }: ResourceClaim): string {
  const states: string[] = []
  if (metadata.deletionTimestamp) states.push('deleted')
  if (status?.allocation !== undefined) {
    states.push('allocated')
    if ((status.reservedFor ?? []).length > 0) states.push('reserved')
  } else if (!metadata.deletionTimestamp) states.push('pending')
  return states.join(',')
}

/** What is no longer allocated has no status. */
function dropReleasedDevices({ status }: Draft<ResourceClaim>, old: ResourceClaim): void {
  if (status?.devices === undefined) return
  const allocated = (claim: Pick<ResourceClaim, 'status'>) =>
    new Set((claim.status?.allocation?.devices?.results ?? []).map(deviceId))
  const released = allocated(old).difference(allocated({ status }))
  status.devices = status.devices.filter((device) => !released.has(deviceId(device)))
  if (status.devices.length === 0) delete status.devices
}

export const resourceClaims = defineKind<ResourceClaim>(
  { group: 'resource.k8s.io', version: 'v1', kind: 'ResourceClaim' },
  {
    generation: false,
    allowUnconditionalUpdate: true,
    returnsDeletedObject: true,
    // The spec cannot change: an update has nothing else to check.
    validate: ({ spec }, { enabled }) => validateDeviceClaim(spec.devices ?? {}, 'spec.devices', enabled),
    columns: [nameColumn, column('State', 'string', stateCell), ageColumn],
    subresources: {
      status: {
        ...statusWithoutMetadata,
        prepareForUpdate(draft, old) {
          resetMetadata(draft, old)
          dropReleasedDevices(draft, old)
        },
        validateUpdate: validateClaimStatusUpdate,
      },
    },
  },
)
