/**
 * Resources, as `resource.group`, about which neither webhooks nor policies are asked: access hangs on their answers
 * (pkg/kubeapiserver/admission/exclusion/resources.go).
 */
export const excludedResources: ReadonlySet<string> = new Set([
  'selfsubjectreviews.authentication.k8s.io',
  'tokenreviews.authentication.k8s.io',
  'localsubjectaccessreviews.authorization.k8s.io',
  'selfsubjectaccessreviews.authorization.k8s.io',
  'selfsubjectrulesreviews.authorization.k8s.io',
  'subjectaccessreviews.authorization.k8s.io',
])
