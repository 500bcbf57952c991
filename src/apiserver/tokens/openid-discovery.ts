import type { ServiceAccountKeys } from '../pki/service-account-keys.ts'
import { algorithmOf, jsonWebKey } from './jwt.ts'

/** A document of OIDC discovery, for /.well-known/openid-configuration and /openid/v1/jwks. */
export interface DiscoveryDocument {
  readonly contentType: string
  readonly cacheControl: string
  readonly body: string
}

export const openidConfigurationPath = '/.well-known/openid-configuration'
export const jwksPath = '/openid/v1/jwks'

/**
 * By which others verify service-account tokens (pkg/serviceaccount/openidmetadata.go, pkg/routes/openidmetadata.go).
 * `jwksUri` is where they find the keys, e.g. `https://192.0.2.1:6443/openid/v1/jwks`.
 */
export function openidConfiguration(issuer: string, jwksUri: string, keys: ServiceAccountKeys): DiscoveryDocument {
  return {
    contentType: 'application/json',
    cacheControl: 'public, max-age=3600',
    body: JSON.stringify({
      issuer,
      jwks_uri: jwksUri,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [
        ...new Set(keys.verification.map(({ publicKey }) => algorithmOf(publicKey))),
      ].sort(),
    }),
  }
}

export function jsonWebKeySet(keys: ServiceAccountKeys): DiscoveryDocument {
  return {
    contentType: 'application/jwk-set+json',
    cacheControl: 'public, max-age=3600',
    body: JSON.stringify({ keys: keys.verification.map(jsonWebKey) }),
  }
}
