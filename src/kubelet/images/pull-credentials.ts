import { createHash } from 'node:crypto'
import type { Secret } from '../../api/types.generated.ts'
import { isObject } from '../../machinery/json.ts'
import type { PullSecret } from './pull-records.ts'
import type { PullCredentials } from '../runtimes/types.ts'

/** Credentials with the secret from which they come. */
export interface SecretCredentials extends PullCredentials {
  readonly source: PullSecret
}

/** Those that fit the repository, the most exact first. Empty: pull without. */
export function credentialsFor(repository: string, secrets: readonly Secret[]): readonly SecretCredentials[] {
  return secrets
    .flatMap((secret) => entries(secret).map((entry) => ({ ...entry, credentials: from(secret, entry.credentials) })))
    .filter(({ registry }) => fits(registry, repository))
    .sort((a, b) => (a.registry < b.registry ? 1 : -1))
    .map(({ credentials }) => credentials)
}

function from({ metadata }: Secret, credentials: PullCredentials): SecretCredentials {
  const { uid = '', namespace = '', name = '' } = metadata ?? {}
  const credentialHash = createHash('sha256').update(JSON.stringify(credentials)).digest('hex')
  return { ...credentials, source: { uid, namespace, name, credentialHash } }
}

/** Credentials of an image pull secret, by registry (upstream: pkg/credentialprovider). */
function entries(secret: Secret): { readonly registry: string; readonly credentials: PullCredentials }[] {
  const text = (key: string) => Buffer.from(secret.data?.[key] ?? '', 'base64').toString('utf8')
  try {
    if (secret.type === 'kubernetes.io/dockerconfigjson')
      return fromConfig((JSON.parse(text('.dockerconfigjson')) as { auths?: unknown }).auths)
    if (secret.type === 'kubernetes.io/dockercfg') return fromConfig(JSON.parse(text('.dockercfg')))
  } catch {
    // An unreadable secret gives no credentials; the pull's own failure is what the user sees.
  }
  return []
}

function fromConfig(auths: unknown): ReturnType<typeof entries> {
  if (!isObject(auths)) return []
  return Object.entries(auths).flatMap(([registry, value]) => {
    if (!isObject(value)) return []
    const field = (name: string) => (typeof value[name] === 'string' ? value[name] : '')
    let [username, password] = [field('username'), field('password')]
    if (field('auth') !== '') {
      const decoded = Buffer.from(field('auth'), 'base64').toString('utf8')
      const colon = decoded.indexOf(':')
      if (colon >= 0) [username, password] = [decoded.slice(0, colon), decoded.slice(colon + 1).replace(/\0+$/, '')]
    }
    return [{ registry: normalize(registry), credentials: { username, password } }]
  })
}

/** Without scheme and version: `https://index.docker.io/v1/` is `index.docker.io`. */
function normalize(registry: string): string {
  return registry
    .replace(/^https?:\/\//, '')
    .replace(/\/v[12]\/?$/, '/')
    .replace(/\/$/, '')
}

function fits(registry: string, repository: string): boolean {
  const [host = '', ...path] = registry.split('/')
  const [its = '', ...itsPath] = repository.split('/')
  const docker = its === 'docker.io' && (host === 'index.docker.io' || host === 'docker.io')
  if (!docker && !hostFits(host, its)) return false
  return path.every((part, index) => part === itsPath[index])
}

function hostFits(pattern: string, host: string): boolean {
  const [name = '', port] = pattern.split(':')
  const [itsName = '', itsPort] = host.split(':')
  if (port !== itsPort) return false
  const parts = name.split('.')
  const itsParts = itsName.split('.')
  return (
    parts.length === itsParts.length && parts.every((part, index) => part === '*' || globFits(part, itsParts[index]!))
  )
}

function globFits(pattern: string, part: string): boolean {
  if (!pattern.includes('*')) return pattern === part
  const [head = '', tail = ''] = [pattern.slice(0, pattern.indexOf('*')), pattern.slice(pattern.lastIndexOf('*') + 1)]
  return part.length >= head.length + tail.length && part.startsWith(head) && part.endsWith(tail)
}
