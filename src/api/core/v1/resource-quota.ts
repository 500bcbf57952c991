import { defineKind } from '../../define-kind.ts'
import type { ResourceQuota } from '../../types.generated.ts'

export const resourceQuotas = defineKind<ResourceQuota>({ group: '', version: 'v1', kind: 'ResourceQuota' })
