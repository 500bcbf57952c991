import type { ConfigKind } from '../../options/config-file.ts'
import {
  boolean,
  duration,
  list,
  object,
  optional,
  string,
  type ValueOf,
  withDefault,
} from '../../options/config-shape.ts'

const webhookConfiguration = object({
  authorizedTTL: duration,
  cacheAuthorizedRequests: withDefault(boolean, true),
  unauthorizedTTL: duration,
  cacheUnauthorizedRequests: withDefault(boolean, true),
  timeout: duration,
  subjectAccessReviewVersion: string,
  matchConditionSubjectAccessReviewVersion: string,
  failurePolicy: string,
  connectionInfo: object({ type: string, kubeConfigFile: optional(string) }),
  matchConditions: list(object({ expression: string })),
})
const authorizationConfiguration = object({
  authorizers: list(object({ type: string, name: string, webhook: optional(webhookConfiguration) })),
})

/** How a service decides (apiserver pkg/apis/apiserver WebhookConfiguration). Times are milliseconds. */
export type WebhookConfiguration = ValueOf<typeof webhookConfiguration>
export type AuthorizationConfiguration = ValueOf<typeof authorizationConfiguration>

/** The file of --authorization-config. */
export const authorizationConfigurationKind: ConfigKind<AuthorizationConfiguration> = {
  apiVersions: ['v1', 'v1beta1', 'v1alpha1'].map((version) => `apiserver.config.k8s.io/${version}`),
  kind: 'AuthorizationConfiguration',
  shape: authorizationConfiguration,
}
