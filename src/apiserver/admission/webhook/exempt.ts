import { excludedResources } from '../../../api/admissionregistration/v1/excluded-resources.ts'
import type { AdmissionAttributes } from '../plugin.ts'

const registrations: ReadonlySet<string> = new Set([
  'ValidatingWebhookConfiguration',
  'MutatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
])

/**
 * Requests about which no webhook is asked: a broken one could be mended by nobody, and access would hang on it
 * (predicates/rules IsExemptAdmissionConfigurationResource; pkg/kubeapiserver/admission/exclusion).
 */
export function isExempt({ kind, resource }: AdmissionAttributes): boolean {
  if (kind.group === 'admissionregistration.k8s.io' && registrations.has(kind.kind)) return true
  return excludedResources.has(`${resource.resource}.${resource.group}`)
}
