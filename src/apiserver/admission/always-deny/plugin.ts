import { refusal } from '../attributes.ts'
import type { AdmissionPlugin } from '../plugin.ts'

/** Refuses every change (plugin/pkg/admission/deny). */
export function createAlwaysDeny(): AdmissionPlugin {
  return {
    name: 'AlwaysDeny',
    handles: () => true,
    mutate(attributes) {
      throw refusal(attributes, 'admission control is denying all modifications')
    },
    validate(attributes) {
      throw refusal(attributes, 'admission control is denying all modifications')
    },
  }
}
