import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { statusWithoutMetadata } from '../../object-metadata.ts'
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

export const resourceClaims = defineKind<ResourceClaim>(
  { group: 'resource.k8s.io', version: 'v1', kind: 'ResourceClaim' },
  {
    generation: false,
    allowUnconditionalUpdate: true,
    returnsDeletedObject: true,
    columns: [nameColumn, column('State', 'string', stateCell), ageColumn],
    subresources: { status: statusWithoutMetadata },
  },
)
