import { defineKind } from '../../define-kind.ts'
import type { Lease } from '../../types.generated.ts'

export const leases = defineKind<Lease>({ group: 'coordination.k8s.io', version: 'v1', kind: 'Lease' })
