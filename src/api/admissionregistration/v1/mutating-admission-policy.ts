import { defineKind } from '../../define-kind.ts'
import type { MutatingAdmissionPolicy } from '../../types.generated.ts'

export const mutatingAdmissionPolicies = defineKind<MutatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingAdmissionPolicy',
})
