import type { Column } from '../../definition.ts'
import { defineKind } from '../../define-kind.ts'
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerV1 } from '../../types.generated.ts'
import { autoscalerColumns } from '../v2/columns.ts'
import { fromV1, toV1 } from './conversion.ts'

/** What is stored is version 2, whose rules hold. */
export const horizontalPodAutoscalersV1 = defineKind<HorizontalPodAutoscalerV1>(
  { group: 'autoscaling', version: 'v1', kind: 'HorizontalPodAutoscaler' },
  {
    allowUnconditionalUpdate: true,
    setDefaults(draft) {
      draft.spec.minReplicas ??= 1
    },
    columns: autoscalerColumns as readonly Column[],
    conversion: { toStorage: fromV1, fromStorage: (stored) => toV1(stored as HorizontalPodAutoscaler) },
  },
)
