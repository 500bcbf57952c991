import { isObject } from '../../machinery/json.ts'
import type { KubeconfigWebhook } from '../webhook/kubeconfig-webhook.ts'
import type { TokenAuthenticator } from './token-authenticator.ts'

interface TokenReviewStatus {
  readonly authenticated?: boolean
  readonly user?: {
    readonly username?: string
    readonly uid?: string
    readonly groups?: readonly string[]
    readonly extra?: Readonly<Record<string, readonly string[]>>
  }
  readonly audiences?: readonly string[]
  readonly error?: string
}

/** Asks a service who holds a token, by TokenReview (apiserver plugin/pkg/authenticator/token/webhook). */
export function createWebhookTokenAuthenticator(options: {
  readonly webhook: KubeconfigWebhook
  readonly version: 'v1' | 'v1beta1'
  /** Those of this server: for them a token is meant that names none. Empty: whom a token is meant for is not asked. */
  readonly ownAudiences: readonly string[]
}): TokenAuthenticator {
  const { webhook, version, ownAudiences } = options
  return {
    name: 'webhook-token',
    async authenticateToken(token, wanted = ownAudiences) {
      const answer = await webhook.post({
        kind: 'TokenReview',
        apiVersion: `authentication.k8s.io/${version}`,
        metadata: {},
        spec: wanted.length === 0 ? { token } : { token, audiences: wanted },
        status: { user: {} },
      })
      const status: TokenReviewStatus = isObject(answer) && isObject(answer['status']) ? answer['status'] : {}
      const told = status.audiences ?? []
      const audiences = wanted.filter((one) => (told.length > 0 ? told : ownAudiences).includes(one))
      if (audiences.length === 0 && wanted.length > 0) return undefined
      if (status.authenticated !== true) {
        if (status.error) throw new Error(status.error)
        return undefined
      }
      const { username = '', uid, groups = [], extra } = status.user ?? {}
      return { user: { name: username, ...(uid ? { uid } : {}), groups, extra }, audiences }
    },
  }
}
