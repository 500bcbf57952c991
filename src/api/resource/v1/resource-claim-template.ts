import { ageColumn, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import type { ResourceClaimTemplate } from '../../types.generated.ts'

export const resourceClaimTemplates = defineKind<ResourceClaimTemplate>(
  { group: 'resource.k8s.io', version: 'v1', kind: 'ResourceClaimTemplate' },
  { allowUnconditionalUpdate: true, returnsDeletedObject: true, columns: [nameColumn, ageColumn] },
)
