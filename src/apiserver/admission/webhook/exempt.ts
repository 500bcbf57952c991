import type { AdmissionAttributes } from '../plugin.ts'

const registrations: ReadonlySet<string> = new Set([
  'ValidatingWebhookConfiguration',
  'MutatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
])
const reviews: ReadonlySet<string> = new Set([
  'selfsubjectreviews.authentication.k8s.io',
  'tokenreviews.authentication.k8s.io',
  'localsubjectaccessreviews.authorization.k8s.io',
  'selfsubjectaccessreviews.authorization.k8s.io',
  'selfsubjectrulesreviews.authorization.k8s.io',
  'subjectaccessreviews.authorization.k8s.io',
])

/**
 * Requests about which no webhook is asked: a broken one could be mended by nobody, and access would hang on it
 * (predicates/rules IsExemptAdmissionConfigurationResource; pkg/kubeapiserver/admission/exclusion).
 */
export function isExempt({ kind, resource }: AdmissionAttributes): boolean {
  if (kind.group === 'admissionregistration.k8s.io' && registrations.has(kind.kind)) return true
  return reviews.has(`${resource.resource}.${resource.group}`)
}
