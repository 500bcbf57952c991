import { hash, timingSafeEqual } from 'node:crypto'
import type { ResourceRef } from '../../api/definition.ts'
import type { UserInfo } from '../../api/user.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { Lister } from '../lister.ts'
import type { ServiceAccountKeys } from '../pki/service-account-keys.ts'
import { type ClaimReference, legacyIssuer } from '../tokens/claims.ts'
import { decodeJwt } from '../tokens/jwt.ts'
import type { AuthenticationResult } from './authenticator.ts'
import { serviceAccountGroups, serviceAccountUser } from './service-account-name.ts'
import type { CredentialMetrics } from './credential-metrics.ts'
import type { TokenAuthenticator } from './token-authenticator.ts'

type Claims = Readonly<Record<string, unknown>>

/** Clocks differ; and what was deleted is not missed for as long (go-jose's DefaultLeeway). */
const leewayMs = 60_000
const rememberedTokens = 4096

const coreRef = (kind: string, resource: string, namespaced = true): ResourceRef => ({
  group: '',
  version: 'v1',
  kind,
  resource,
  namespaced,
})
const serviceAccounts = coreRef('ServiceAccount', 'serviceaccounts')
const secrets = coreRef('Secret', 'secrets')
const pods = coreRef('Pod', 'pods')
const nodes = coreRef('Node', 'nodes', false)

/**
 * Tokens that this cluster signed for service accounts (pkg/serviceaccount/jwt.go, claims.go, legacy.go). A signature
 * is verified once and remembered by the token's digest; that the account, and what the token is bound to, still exist
 * with the same uid is looked up on every request.
 */
export function createServiceAccountTokenAuthenticator(options: {
  readonly keys: Promise<ServiceAccountKeys>
  readonly issuers: readonly string[]
  readonly audiences: readonly string[]
  readonly lister: Lister
  readonly clock: Clock
  /** Told of the Secret whose token was shown, whether it still counts or not. */
  readonly legacyTokenUsed?: (secret: KubeObject) => void
  readonly metrics?: CredentialMetrics
}): TokenAuthenticator {
  const { keys, issuers, audiences: ownAudiences, lister, clock, legacyTokenUsed = () => {}, metrics } = options
  const verified = new Map<string, Claims>()

  async function verifiedClaims(token: string): Promise<Claims | undefined> {
    const digest = hash('sha256', token, 'base64')
    const known = verified.get(digest)
    if (known !== undefined) return known
    const jwt = decodeJwt(token)
    const issuer = jwt?.claims.iss
    if (jwt === undefined || (issuer !== legacyIssuer && !issuers.includes(issuer as string))) return undefined
    const { verification } = await keys
    const { kid } = jwt.header
    const candidates = verification.filter(({ keyId }) => typeof kid !== 'string' || kid === '' || keyId === kid)
    if (candidates.length === 0) throw new Error('invalid signature, no keys found')
    if (!candidates.some(({ publicKey }) => jwt.verify(publicKey)))
      throw new Error('square/go-jose: error in cryptographic primitive')
    if (verified.size >= rememberedTokens) verified.delete(verified.keys().next().value!)
    verified.set(digest, jwt.claims)
    return jwt.claims
  }

  return {
    name: 'service-account-token',
    async authenticateToken(token, wanted = ownAudiences) {
      const claims = await verifiedClaims(token)
      if (claims === undefined) return undefined
      const carried = stringsOf(claims.aud)
      const audiences = (carried.length === 0 ? ownAudiences : carried).filter((one) => wanted.includes(one))
      if (audiences.length === 0) {
        const list = (names: readonly string[]) => `[${names.map((name) => JSON.stringify(name)).join(' ')}]`
        const tokenAudiences = carried.length === 0 ? ownAudiences : carried
        throw new Error(`token audiences ${list(tokenAudiences)} is invalid for the target audiences ${list(wanted)}`)
      }
      const user =
        claims.iss === legacyIssuer
          ? await legacyUser(lister, claims, token, legacyTokenUsed, metrics)
          : await boundUser(lister, claims, clock.now(), metrics)
      return { user, audiences } satisfies AuthenticationResult
    },
  }
}

/** The cache first; the store itself before a credential is refused for the lack of an object. */
async function find(
  lister: Lister,
  ref: ResourceRef,
  namespace: string,
  name: string,
): Promise<KubeObject | undefined> {
  return lister.get(ref, namespace, name) ?? (await lister.getLive(ref, namespace, name))
}

function isGone(object: KubeObject, now: number): boolean {
  const { deletionTimestamp } = object.metadata
  return deletionTimestamp !== undefined && Date.parse(deletionTimestamp) < now - leewayMs
}

async function boundUser(
  lister: Lister,
  claims: Claims,
  now: number,
  metrics: CredentialMetrics | undefined,
): Promise<UserInfo> {
  const seconds = (claim: unknown) => (typeof claim === 'number' ? claim * 1000 : undefined)
  const { exp, nbf, iat } = { exp: seconds(claims.exp), nbf: seconds(claims.nbf), iat: seconds(claims.iat) }
  if (nbf !== undefined && now + leewayMs < nbf) throw new Error('service account token is not valid yet')
  if (exp !== undefined && now - leewayMs > exp) throw new Error('service account token has expired')
  if (iat !== undefined && now + leewayMs < iat) throw new Error('service account token is issued in the future')

  const own = (claims['kubernetes.io'] ?? {}) as Claims
  const namespace = typeof own.namespace === 'string' ? own.namespace : ''
  const account = referenceOf(own.serviceaccount) ?? { name: '', uid: '' }
  const serviceAccount = await find(lister, serviceAccounts, namespace, account.name)
  if (serviceAccount === undefined) throw new Error(`serviceaccounts ${JSON.stringify(account.name)} not found`)
  if (serviceAccount.metadata.uid !== account.uid)
    throw new Error(`service account UID (${serviceAccount.metadata.uid}) does not match claim (${account.uid})`)
  if (isGone(serviceAccount, now)) throw new Error(`service account ${namespace}/${account.name} has been deleted`)

  const [secret, pod, node] = [referenceOf(own.secret), referenceOf(own.pod), referenceOf(own.node)]
  if (secret) await mustExist(lister, secrets, namespace, secret, now, 'secret', 'service account secret ref claim')
  if (pod) await mustExist(lister, pods, namespace, pod, now, 'pod', 'service account pod ref claim')
  // The node of a pod-bound token is only told, not checked: the pod decides.
  if (node && !pod) await mustExist(lister, nodes, '', node, now, 'node', 'service account node ref claim')

  // Only tokens that outlive what was asked for say when they should have been renewed.
  if (typeof own.warnafter === 'number' && own.warnafter !== 0) metrics?.boundToken(now > own.warnafter * 1000)
  const extra: Record<string, readonly string[]> = {}
  if (pod) {
    extra['authentication.kubernetes.io/pod-name'] = [pod.name]
    extra['authentication.kubernetes.io/pod-uid'] = [pod.uid]
  }
  if (typeof claims.jti === 'string' && claims.jti !== '')
    extra['authentication.kubernetes.io/credential-id'] = [`JTI=${claims.jti}`]
  if (node?.name) {
    extra['authentication.kubernetes.io/node-name'] = [node.name]
    if (node.uid) extra['authentication.kubernetes.io/node-uid'] = [node.uid]
  }
  return {
    name: serviceAccountUser(namespace, account.name),
    uid: account.uid,
    groups: serviceAccountGroups(namespace),
    extra,
  }
}

async function mustExist(
  lister: Lister,
  ref: ResourceRef,
  namespace: string,
  reference: Required<ClaimReference>,
  now: number,
  noun: string,
  claim: string,
): Promise<void> {
  const object = await find(lister, ref, namespace, reference.name)
  if (object === undefined) throw new Error('service account token has been invalidated')
  if (object.metadata.uid !== reference.uid)
    throw new Error(`${noun} UID (${object.metadata.uid}) does not match ${claim} (${reference.uid})`)
  if (isGone(object, now)) throw new Error('service account token has been invalidated')
}

interface TokenSecret extends KubeObject {
  readonly data?: Readonly<Record<string, string>>
}

async function legacyUser(
  lister: Lister,
  claims: Claims,
  token: string,
  used: (secret: KubeObject) => void,
  metrics: CredentialMetrics | undefined,
): Promise<UserInfo> {
  const claim = (name: string) => {
    const value = claims[`kubernetes.io/serviceaccount/${name}`]
    return typeof value === 'string' ? value : ''
  }
  if (!claims.sub) throw new Error('sub claim is missing')
  const namespace = claim('namespace')
  if (namespace === '') throw new Error('namespace claim is missing')
  const secretName = claim('secret.name')
  if (secretName === '') throw new Error('secretName claim is missing')
  const name = claim('service-account.name')
  if (name === '') throw new Error('serviceAccountName claim is missing')
  const uid = claim('service-account.uid')
  if (uid === '') throw new Error('serviceAccountUID claim is missing')
  if (claims.sub !== serviceAccountUser(namespace, name)) throw new Error('sub claim is invalid')

  const secret = (await find(lister, secrets, namespace, secretName)) as TokenSecret | undefined
  if (secret === undefined || secret.metadata.deletionTimestamp !== undefined)
    throw new Error('Token has been invalidated')
  const stored = Buffer.from(secret.data?.token ?? '', 'base64')
  const given = Buffer.from(token)
  if (stored.length !== given.length || !timingSafeEqual(stored, given))
    throw new Error("Token does not match server's copy")
  const serviceAccount = await find(lister, serviceAccounts, namespace, name)
  if (serviceAccount === undefined) throw new Error(`serviceaccounts ${JSON.stringify(name)} not found`)
  if (serviceAccount.metadata.deletionTimestamp !== undefined)
    throw new Error(`ServiceAccount ${namespace}/${name} has been deleted`)
  if (serviceAccount.metadata.uid !== uid)
    throw new Error(`ServiceAccount UID (${serviceAccount.metadata.uid}) does not match claim (${uid})`)
  used(secret)
  const invalidSince = secret.metadata.labels?.['kubernetes.io/legacy-token-invalid-since']
  if (invalidSince) {
    metrics?.invalidLegacyToken()
    throw new Error(
      `the token in secret ${namespace}/${secretName} for service account ${namespace}/${name} has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the 'kubernetes.io/legacy-token-invalid-since' label from the secret to temporarily allow use of this token`,
    )
  }
  const { secrets: named = [] } = serviceAccount as KubeObject & { readonly secrets?: readonly { name?: string }[] }
  metrics?.legacyToken(named.some((one) => one.name === secretName))
  return { name: serviceAccountUser(namespace, name), uid, groups: serviceAccountGroups(namespace) }
}

function referenceOf(claim: unknown): Required<ClaimReference> | undefined {
  if (typeof claim !== 'object' || claim === null) return undefined
  const { name, uid } = claim as Claims
  return { name: typeof name === 'string' ? name : '', uid: typeof uid === 'string' ? uid : '' }
}

function stringsOf(claim: unknown): string[] {
  if (typeof claim === 'string') return [claim]
  return Array.isArray(claim) ? claim.filter((item) => typeof item === 'string') : []
}
