import { readText } from '../../options/config-file.ts'
import type { ServerOptionValues } from '../../options/server-options.ts'
import type { AuthenticationConfiguration } from './authentication-configuration.ts'
import { signingAlgorithms } from './issuer-keys.ts'

/**
 * What the --oidc-… flags ask for, as a configuration; undefined: none is set (pkg/kubeapiserver/options/authentication.go
 * ToAuthenticationConfig). Throws an Error that says what is wrong.
 */
export function configurationOfOidcFlags(
  values: ServerOptionValues,
): { readonly configuration: AuthenticationConfiguration; readonly algorithms: readonly string[] } | undefined {
  if (!Object.keys(values).some((name) => name.startsWith('oidc-'))) return undefined
  const url = values['oidc-issuer-url']
  const clientId = values['oidc-client-id']
  if (url === undefined || clientId === undefined)
    throw new Error('oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set')
  const algorithms = values['oidc-signing-algs'] ?? ['RS256']
  const unsupported = algorithms.find((algorithm) => !signingAlgorithms.includes(algorithm))
  if (unsupported !== undefined) throw new Error(`oidc: unsupported signing alg: ${JSON.stringify(unsupported)}`)
  const caFile = values['oidc-ca-file']
  const groupsClaim = values['oidc-groups-claim'] ?? ''
  return {
    algorithms,
    configuration: {
      anonymous: undefined,
      jwt: [
        {
          issuer: {
            url,
            discoveryURL: '',
            certificateAuthority: caFile === undefined ? '' : readText(caFile),
            audiences: [clientId],
            audienceMatchPolicy: '',
            egressSelectorType: '',
          },
          claimValidationRules: (values['oidc-required-claim'] ?? []).map(requiredClaim),
          claimMappings: {
            username: { ...usernameOf(values, url), expression: '' },
            groups: {
              claim: groupsClaim,
              prefix: groupsClaim === '' ? undefined : (values['oidc-groups-prefix'] ?? ''),
              expression: '',
            },
            uid: { claim: '', expression: '' },
            extra: [],
          },
          userValidationRules: [],
        },
      ],
    },
  }
}

/** Names that an issuer gives are marked as its own, except addresses, which are unique by themselves. */
function usernameOf(values: ServerOptionValues, url: string): { readonly claim: string; readonly prefix: string } {
  const claim = values['oidc-username-claim'] ?? 'sub'
  const prefix = values['oidc-username-prefix'] ?? ''
  if (prefix === '-') return { claim, prefix: '' }
  return { claim, prefix: prefix === '' && claim !== 'email' ? `${url}#` : prefix }
}

function requiredClaim(pair: string): AuthenticationConfiguration['jwt'][number]['claimValidationRules'][number] {
  const at = pair.indexOf('=')
  if (at < 1) throw new Error(`malformed pair, expect string=string: --oidc-required-claim ${pair}`)
  return { claim: pair.slice(0, at).trim(), requiredValue: pair.slice(at + 1).trim(), expression: '', message: '' }
}
