import { defineKind } from '../../define-kind.ts'
import type { PodDisruptionBudget } from '../../types.generated.ts'

export const podDisruptionBudgets = defineKind<PodDisruptionBudget>({
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
})
