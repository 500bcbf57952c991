import { createHmac } from 'node:crypto'
import type { ConfigMap, Secret } from '../../api/types.generated.ts'

export const bootstrapTokenType = 'bootstrap.kubernetes.io/token'
const signaturePrefix = 'jws-kubeconfig-'

function dataOf({ data }: Secret, key: string): string {
  const value = data?.[key]
  return value === undefined ? '' : Buffer.from(value, 'base64').toString()
}

/** In how many ms the token ends: 0 when it has, or when nobody can tell; undefined: never. */
export function expiresInMs(secret: Secret, now: number): number | undefined {
  const expiration = dataOf(secret, 'expiration')
  if (expiration === '') return undefined
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(expiration) ? Date.parse(expiration) : Number.NaN
  return Number.isNaN(time) ? 0 : Math.max(0, time - now)
}

/** Id and secret of a token that may sign; undefined: it may not (bootstrap/util.go validateSecretForSigning). */
export function signingToken(
  secret: Secret,
  now: number,
): { readonly id: string; readonly secret: string } | undefined {
  const id = dataOf(secret, 'token-id')
  const value = dataOf(secret, 'token-secret')
  const [, named] = /^bootstrap-token-([a-z0-9]{6})$/.exec(secret.metadata.name ?? '') ?? []
  if (id === '' || id !== named || value === '') return undefined
  if (expiresInMs(secret, now) === 0 || dataOf(secret, 'usage-bootstrap-signing') !== 'true') return undefined
  return { id, secret: value }
}

/** A JWS without its content (RFC 7515, appendix F), by which a joining node recognizes the cluster. */
export function detachedSignature(content: string, id: string, secret: string): string {
  const encode = (text: string) => Buffer.from(text).toString('base64url')
  const header = encode(JSON.stringify({ alg: 'HS256', kid: id }))
  const signature = createHmac('sha256', secret)
    .update(`${header}.${encode(content)}`)
    .digest('base64url')
  return `${header}..${signature}`
}

/** The data of cluster-info with a signature for each token; undefined: it has them, or there is nothing to sign. */
export function signedData(
  { data }: ConfigMap,
  tokens: readonly { readonly id: string; readonly secret: string }[],
): Readonly<Record<string, string>> | undefined {
  const content = data?.kubeconfig
  if (content === undefined) return undefined
  const present = Object.entries(data!)
  const signed = Object.fromEntries([
    ...present.filter(([key]) => !key.startsWith(signaturePrefix)),
    ...tokens.map(({ id, secret }) => [`${signaturePrefix}${id}`, detachedSignature(content, id, secret)] as const),
  ])
  const same = Object.keys(signed).length === present.length && present.every(([key, value]) => signed[key] === value)
  return same ? undefined : signed
}
