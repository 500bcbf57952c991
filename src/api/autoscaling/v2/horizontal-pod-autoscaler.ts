import { defineKind } from '../../define-kind.ts'
import type { Draft } from '../../../machinery/json.ts'
import type { HPAScalingRules, HorizontalPodAutoscaler } from '../../types.generated.ts'
import { validateAutoscaler, validateAutoscalerStatus } from '../validation.ts'
import { autoscalerColumns } from './columns.ts'

const periodSeconds = 15

/** Rules that are given in part are completed; what is given stays. */
function scaleUpRules(rules: Draft<HPAScalingRules> | undefined): Draft<HPAScalingRules> {
  return {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds },
      { type: 'Percent', value: 100, periodSeconds },
    ],
    ...rules,
  }
}

function scaleDownRules(rules: Draft<HPAScalingRules> | undefined): Draft<HPAScalingRules> {
  return { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds }], ...rules }
}

export const horizontalPodAutoscalers = defineKind<HorizontalPodAutoscaler>(
  { group: 'autoscaling', version: 'v2', kind: 'HorizontalPodAutoscaler' },
  {
    allowUnconditionalUpdate: true,
    setDefaults({ spec }) {
      spec.minReplicas ??= 1
      if ((spec.metrics ?? []).length === 0) {
        const target = { type: 'Utilization', averageUtilization: 80 }
        spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }]
      }
      if (spec.behavior === undefined) return
      spec.behavior.scaleUp = scaleUpRules(spec.behavior.scaleUp)
      spec.behavior.scaleDown = scaleDownRules(spec.behavior.scaleDown)
    },
    validate: (autoscaler) => validateAutoscaler(autoscaler),
    validateUpdate: validateAutoscaler,
    subresources: { status: { validateUpdate: validateAutoscalerStatus } },
    columns: autoscalerColumns,
  },
)
