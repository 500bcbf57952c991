import type { VersionConversion } from '../../define-version.ts'
import type { Draft } from '../../../machinery/json.ts'
import type { MutatingAdmissionPolicyBinding } from '../../types.generated.ts'
import { mutatingAdmissionPolicyBindings } from '../v1/mutating-admission-policy-binding.ts'

/** Parameters that are missing deny, unless it is said otherwise (pkg/apis/admissionregistration/v1alpha1/defaults.go). */
export const bindingConversion: VersionConversion = {
  setDefaults(draft, now, enabled) {
    const binding = draft as unknown as Draft<MutatingAdmissionPolicyBinding>
    const paramRef = binding.spec?.paramRef
    if (paramRef) paramRef.parameterNotFoundAction ??= 'Deny'
    mutatingAdmissionPolicyBindings.rules.setDefaults?.(binding, now, enabled)
  },
}
