import { defineKind } from '../../define-kind.ts'
import type { ValidatingAdmissionPolicy } from '../../types.generated.ts'

export const validatingAdmissionPolicies = defineKind<ValidatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicy',
})
