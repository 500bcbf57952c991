import { serviceAccounts } from '../../api/core/v1/service-account.ts'
import type { Pod, TokenRequest } from '../../api/types.generated.ts'
import type { Client } from '../../client/client.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'

/** Tokens for pods, kept until they should be replaced (upstream: pkg/kubelet/token/token_manager.go). */
export interface TokenManager {
  token(pod: Pod, request: { readonly audience?: string; readonly expirationSeconds?: number }): Promise<string>
  forget(podUid: string): void
}

const maxAgeMs = 24 * 3_600_000

interface Kept {
  readonly token: string
  readonly podUid: string
  /** When a new one is to be asked for (epoch ms). */
  readonly renewAt: number
  readonly expiresAt: number
}

export function createTokenManager({ client, clock }: { client: Client; clock: Clock }): TokenManager {
  const kept = new Map<string, Kept>()
  const asking = new Map<string, Promise<string>>()

  const ask = async (key: string, pod: Pod, audience: string | undefined, expirationSeconds: number) => {
    const { name = '', namespace, uid = '' } = pod.metadata
    const account = pod.spec.serviceAccountName || 'default'
    const body = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: { name: account, namespace },
      spec: {
        audiences: audience ? [audience] : [],
        expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    }
    const answer = await client.create<KubeObject, TokenRequest>(serviceAccounts as never, body as KubeObject, {
      subresource: 'token',
    })
    const { token, expirationTimestamp } = answer.status
    const now = clock.now()
    const expiresAt = Date.parse(expirationTimestamp ?? '')
    // At four fifths of its life, or after a day.
    const renewAt = Math.min(now + maxAgeMs, expiresAt - 0.2 * expirationSeconds * 1000)
    kept.set(key, { token, podUid: uid, renewAt, expiresAt })
    return token
  }

  return {
    async token(pod, { audience, expirationSeconds = 3600 }) {
      const { uid, namespace } = pod.metadata
      const key = JSON.stringify([uid, namespace, pod.spec.serviceAccountName, audience, expirationSeconds])
      const known = kept.get(key)
      if (known !== undefined && clock.now() < known.renewAt) return known.token
      try {
        const pending = asking.get(key) ?? ask(key, pod, audience, expirationSeconds)
        asking.set(key, pending)
        return await pending
      } catch (error) {
        // An old one that is still good is better than none.
        if (known !== undefined && clock.now() < known.expiresAt) return known.token
        const account = pod.spec.serviceAccountName || 'default'
        throw new Error(`failed to fetch token: ${(error as Error).message}`, { cause: { error, account } })
      } finally {
        asking.delete(key)
      }
    },
    forget(podUid) {
      for (const [key, { podUid: of }] of kept) if (of === podUid) kept.delete(key)
    },
  }
}
