import { defineKind } from '../../define-kind.ts'
import { memberAsSaid } from '../../../machinery/emptied.ts'
import { jsonClone, type Draft } from '../../../machinery/json.ts'
import type { HPAScalingRules, HorizontalPodAutoscaler } from '../../types.generated.ts'
import { validateAutoscaler, validateAutoscalerStatus } from '../validation.ts'
import { autoscalerColumns } from './columns.ts'

const periodSeconds = 15

const defaultScaleUp: HPAScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds },
    { type: 'Percent', value: 100, periodSeconds },
  ],
}
const defaultScaleDown: HPAScalingRules = {
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds }],
}

/** Rules that are given in part are completed; what is given stays, be it an empty list. */
function completed(rules: HPAScalingRules = {}, defaults: HPAScalingRules): Draft<HPAScalingRules> {
  const policies = (memberAsSaid(rules, 'policies') as HPAScalingRules['policies']) ?? defaults.policies
  return jsonClone({ ...defaults, ...rules, policies })
}

export const horizontalPodAutoscalers = defineKind<HorizontalPodAutoscaler>(
  { group: 'autoscaling', version: 'v2', kind: 'HorizontalPodAutoscaler' },
  {
    allowUnconditionalUpdate: true,
    generation: 'HPAGeneration',
    keepsFeature: (feature, { spec }) => feature === 'HPAScaleToZero' && spec.minReplicas === 0,
    setDefaults({ spec }) {
      spec.minReplicas ??= 1
      if ((spec.metrics ?? []).length === 0) {
        const target = { type: 'Utilization', averageUtilization: 80 }
        spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }]
      }
      if (spec.behavior === undefined) return
      spec.behavior.scaleUp = completed(spec.behavior.scaleUp, defaultScaleUp)
      spec.behavior.scaleDown = completed(spec.behavior.scaleDown, defaultScaleDown)
    },
    validate: (autoscaler) => validateAutoscaler(autoscaler),
    validateUpdate: validateAutoscaler,
    subresources: { status: { validateUpdate: validateAutoscalerStatus } },
    columns: autoscalerColumns,
  },
)
