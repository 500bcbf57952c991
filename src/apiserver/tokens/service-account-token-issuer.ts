import { type Clock, formatTime } from '../../machinery/clock.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { Random } from '../../machinery/random.ts'
import type { TokenIssuer } from '../authentication/token-issuer.ts'
import { serviceAccountUser } from '../authentication/service-account-name.ts'
import type { ServiceAccountKeys } from '../pki/service-account-keys.ts'
import {
  type BoundTokenClaims,
  type ClaimReference,
  extendedTokenSeconds,
  type LegacyTokenClaims,
  legacyIssuer,
  projectedTokenSeconds,
} from './claims.ts'
import { signJwt } from './jwt.ts'

export interface ServiceAccountTokenIssuer extends TokenIssuer {
  /** The `iss` of bound tokens. */
  readonly issuer: string
  /** The token of a Secret of type kubernetes.io/service-account-token; it never expires. */
  issueLegacy(serviceAccount: KubeObject, secretName: string): Promise<string>
}

/**
 * Signs tokens of service accounts. `expirationSeconds` is cut to `maxExpirationSeconds`; a token bound to a pod with
 * the lifetime that admission gives really lives for a year and only warns after it, as upstream's
 * --service-account-extend-token-expiration has it.
 */
export function createTokenIssuer(options: {
  readonly keys: Promise<ServiceAccountKeys>
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly maxExpirationSeconds?: number
  /** Whether tokens of pods outlive their time; default: they do. */
  readonly extended?: boolean
  readonly clock: Clock
  readonly random: Random
}): ServiceAccountTokenIssuer {
  const { keys, issuer, audiences: ownAudiences, maxExpirationSeconds = 0, clock, random } = options
  return {
    issuer,
    audiences: ownAudiences,
    maxExpirationSeconds,
    async issue({ serviceAccount, bound, audiences, expirationSeconds }) {
      const now = clock.now()
      const { name = '', namespace = '' } = serviceAccount.metadata
      const wanted = maxExpirationSeconds > 0 ? Math.min(expirationSeconds, maxExpirationSeconds) : expirationSeconds
      const extended =
        options.extended !== false &&
        bound?.kind === 'Pod' &&
        wanted === projectedTokenSeconds &&
        audiences.every((one) => ownAudiences.includes(one))
      const iat = Math.floor(now / 1000)
      const claims: BoundTokenClaims = {
        aud: audiences,
        exp: iat + (extended ? extendedTokenSeconds : wanted),
        iat,
        iss: issuer,
        jti: random.uuid(),
        'kubernetes.io': {
          namespace,
          node:
            bound?.kind === 'Node'
              ? referenceTo(bound.object)
              : bound?.kind === 'Pod'
                ? referenceTo(bound.node)
                : undefined,
          pod: bound?.kind === 'Pod' ? referenceTo(bound.object) : undefined,
          secret: bound?.kind === 'Secret' ? referenceTo(bound.object) : undefined,
          serviceaccount: referenceTo(serviceAccount)!,
          warnafter: extended ? iat + wanted : undefined,
        },
        nbf: iat,
        sub: serviceAccountUser(namespace, name),
      }
      return {
        token: await signJwt(claims, (await keys).signing),
        expirationTimestamp: formatTime(now + wanted * 1000),
      }
    },
    async issueLegacy(serviceAccount, secretName) {
      const { name = '', namespace = '', uid = '' } = serviceAccount.metadata
      const claims: LegacyTokenClaims = {
        iss: legacyIssuer,
        'kubernetes.io/serviceaccount/namespace': namespace,
        'kubernetes.io/serviceaccount/secret.name': secretName,
        'kubernetes.io/serviceaccount/service-account.name': name,
        'kubernetes.io/serviceaccount/service-account.uid': uid,
        sub: serviceAccountUser(namespace, name),
      }
      return signJwt(claims, (await keys).signing)
    },
  }
}

function referenceTo(
  object: { readonly metadata: { readonly name?: string; readonly uid?: string } } | undefined,
): ClaimReference | undefined {
  if (object === undefined) return undefined
  return { name: object.metadata.name ?? '', uid: object.metadata.uid || undefined }
}
