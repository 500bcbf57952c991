import { defineKind } from '../../define-kind.ts'
import type { HorizontalPodAutoscalerV1 } from '../../types.generated.ts'

export const horizontalPodAutoscalersV1 = defineKind<HorizontalPodAutoscalerV1>({
  group: 'autoscaling',
  version: 'v1',
  kind: 'HorizontalPodAutoscaler',
})
