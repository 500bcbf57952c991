import { defaulterOf, type TypeDefaults } from '../../../machinery/schema/default.ts'
import type { PodFailurePolicyOnPodConditionsPattern } from '../../types.generated.ts'

/** pkg/apis/batch/v1/defaults.go. */
export const batchTypeDefaults: TypeDefaults = {
  'io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern': defaulterOf<PodFailurePolicyOnPodConditionsPattern>(
    (draft) => {
      draft.status ||= 'True'
    },
  ),
}
