import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { statusWithoutMetadata } from '../../object-metadata.ts'
import type { ServiceCIDR } from '../../types.generated.ts'
import { validateServiceCidr, validateServiceCidrUpdate } from './service-cidr-validation.ts'

export const serviceCidrs = defineKind<ServiceCIDR>(
  { group: 'networking.k8s.io', version: 'v1', kind: 'ServiceCIDR' },
  {
    generation: false,
    allowUnconditionalUpdate: true,
    validate: validateServiceCidr,
    validateUpdate: validateServiceCidrUpdate,
    columns: [nameColumn, column('CIDRs', 'string', ({ spec }) => (spec?.cidrs ?? []).join(',')), ageColumn],
    subresources: { status: statusWithoutMetadata },
  },
)
