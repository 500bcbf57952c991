import { defineKind } from '../../define-kind.ts'
import type { ServiceCIDR } from '../../types.generated.ts'

export const serviceCidrs = defineKind<ServiceCIDR>({ group: 'networking.k8s.io', version: 'v1', kind: 'ServiceCIDR' })
