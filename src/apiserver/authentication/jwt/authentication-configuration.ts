import type { ConfigKind } from '../../options/config-file.ts'
import { boolean, list, object, optional, string, type ValueOf } from '../../options/config-shape.ts'

const prefixedClaimOrExpression = object({ claim: string, prefix: optional(string), expression: string })

const jwtAuthenticator = object({
  issuer: object({
    url: string,
    discoveryURL: string,
    certificateAuthority: string,
    audiences: list(string),
    audienceMatchPolicy: string,
    egressSelectorType: string,
  }),
  claimValidationRules: list(object({ claim: string, requiredValue: string, expression: string, message: string })),
  claimMappings: object({
    username: prefixedClaimOrExpression,
    groups: prefixedClaimOrExpression,
    uid: object({ claim: string, expression: string }),
    extra: list(object({ key: string, valueExpression: string })),
  }),
  userValidationRules: list(object({ expression: string, message: string })),
})
const authenticationConfiguration = object({
  jwt: list(jwtAuthenticator),
  anonymous: optional(object({ enabled: boolean, conditions: list(object({ path: string })) })),
})

/** Whose JSON Web Tokens are believed, and who is whom by them (apiserver pkg/apis/apiserver JWTAuthenticator). */
export type JwtAuthenticator = ValueOf<typeof jwtAuthenticator>
export type AuthenticationConfiguration = ValueOf<typeof authenticationConfiguration>

/** The file of --authentication-config. */
export const authenticationConfigurationKind: ConfigKind<AuthenticationConfiguration> = {
  apiVersions: ['v1', 'v1beta1', 'v1alpha1'].map((version) => `apiserver.config.k8s.io/${version}`),
  kind: 'AuthenticationConfiguration',
  shape: authenticationConfiguration,
}
