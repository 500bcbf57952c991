import { defineKind } from '../../define-kind.ts'
import type { ValidatingAdmissionPolicyBinding } from '../../types.generated.ts'

export const validatingAdmissionPolicyBindings = defineKind<ValidatingAdmissionPolicyBinding>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicyBinding',
})
