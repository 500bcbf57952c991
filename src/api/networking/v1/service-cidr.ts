import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { statusWithoutMetadata } from '../../object-metadata.ts'
import type { ServiceCIDR } from '../../types.generated.ts'

export const serviceCidrs = defineKind<ServiceCIDR>(
  { group: 'networking.k8s.io', version: 'v1', kind: 'ServiceCIDR' },
  {
    generation: false,
    allowUnconditionalUpdate: true,
    columns: [nameColumn, column('CIDRs', 'string', ({ spec }) => (spec?.cidrs ?? []).join(',')), ageColumn],
    subresources: { status: statusWithoutMetadata },
  },
)
