import type { AdmissionPlugin } from '../plugin.ts'

/** Does nothing, for those who still name it (plugin/pkg/admission/admit). */
export function createAlwaysAdmit(): AdmissionPlugin {
  return { name: 'AlwaysAdmit', handles: () => false }
}
