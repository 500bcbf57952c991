import { defineKind } from '../../define-kind.ts'
import type { HorizontalPodAutoscaler } from '../../types.generated.ts'

export const horizontalPodAutoscalers = defineKind<HorizontalPodAutoscaler>({
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
})
