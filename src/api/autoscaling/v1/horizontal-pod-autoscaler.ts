import { defineKind } from '../../define-kind.ts'
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerV1 } from '../../types.generated.ts'
import { autoscalerColumns } from '../v2/columns.ts'
import { validateAutoscaler, validateAutoscalerStatus } from '../validation.ts'
import { fromV1, toV1 } from './conversion.ts'

export const horizontalPodAutoscalersV1 = defineKind<HorizontalPodAutoscalerV1>(
  { group: 'autoscaling', version: 'v1', kind: 'HorizontalPodAutoscaler' },
  {
    allowUnconditionalUpdate: true,
    setDefaults(draft) {
      draft.spec.minReplicas ??= 1
    },
    validate: (autoscaler) => validateAutoscaler(fromV1(autoscaler)),
    validateUpdate: (autoscaler, old) => validateAutoscaler(fromV1(autoscaler), fromV1(old)),
    subresources: { status: { validateUpdate: (autoscaler) => validateAutoscalerStatus(fromV1(autoscaler)) } },
    columns: autoscalerColumns.map((column) => ({
      ...column,
      cell: (autoscaler: HorizontalPodAutoscalerV1, now: number) => column.cell(fromV1(autoscaler), now),
    })),
    conversion: { toStorage: fromV1, fromStorage: (stored) => toV1(stored as HorizontalPodAutoscaler) },
  },
)
