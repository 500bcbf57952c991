import { defineKind } from '../../define-kind.ts'
import type { MutatingAdmissionPolicyBinding } from '../../types.generated.ts'

export const mutatingAdmissionPolicyBindings = defineKind<MutatingAdmissionPolicyBinding>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingAdmissionPolicyBinding',
})
