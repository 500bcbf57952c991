import { timingSafeEqual } from 'node:crypto'
import type { ResourceRef } from '../../api/definition.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { Lister } from '../lister.ts'
import type { TokenAuthenticator } from './token-authenticator.ts'

interface BootstrapSecret extends KubeObject {
  readonly type?: string
  readonly data?: Readonly<Record<string, string>>
}
const secrets: ResourceRef<BootstrapSecret> = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  resource: 'secrets',
  namespaced: true,
}

/**
 * Tokens `id.secret` with which nodes join, each a Secret bootstrap-token-ID in kube-system (upstream:
 * plugin/pkg/auth/authenticator/token/bootstrap, cluster-bootstrap token/util).
 */
export function createBootstrapTokenAuthenticator(options: {
  readonly lister: Lister
  readonly clock: Clock
}): TokenAuthenticator {
  const { lister, clock } = options
  return {
    name: 'bootstrap-token',
    authenticateToken(token) {
      const [, id, secretPart] = /^([a-z0-9]{6})\.([a-z0-9]{16})$/.exec(token) ?? []
      if (id === undefined || secretPart === undefined) return undefined
      const secret = lister.get(secrets, 'kube-system', `bootstrap-token-${id}`)
      if (secret === undefined || secret.metadata.deletionTimestamp !== undefined) return undefined
      if (secret.type !== 'bootstrap.kubernetes.io/token') return undefined
      const data = (key: string) => Buffer.from(secret.data?.[key] ?? '', 'base64')
      const stored = data('token-secret')
      const given = Buffer.from(secretPart)
      if (stored.length !== given.length || !timingSafeEqual(stored, given)) return undefined
      if (data('token-id').toString() !== id) return undefined
      const expiration = data('expiration').toString()
      // An expiration that cannot be read counts as past.
      if (expiration !== '' && !(Date.parse(expiration) > clock.now())) return undefined
      if (data('usage-bootstrap-authentication').toString() !== 'true') return undefined
      const extra = data('auth-extra-groups').toString()
      const groups = extra === '' ? [] : extra.split(',')
      if (!groups.every((group) => /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/.test(group))) return undefined
      return {
        user: { name: `system:bootstrap:${id}`, groups: [...new Set(['system:bootstrappers', ...groups])].sort() },
      }
    },
  }
}
