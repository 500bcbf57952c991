import { serviceAccounts } from '../../api/core/v1/service-account.ts'
import type { Client } from '../../client/client.ts'
import type { ConnectionOptions } from '../../client/http/connection-options.ts'
import type { Clock } from '../../machinery/clock.ts'
import { isReason } from '../../machinery/errors.ts'

const namespace = 'kube-system'
const lifetimeSeconds = 3600

/**
 * The identity kube-system/`name`, an account that is made when it is missing. Each token is used for the first fifth of
 * its life, or until the server refuses it (controller-manager pkg/clientbuilder/client_builder_dynamic.go).
 */
export function serviceAccountIdentity(
  client: Client,
  name: string,
  clock: Clock,
): Required<Pick<ConnectionOptions, 'tokenSource' | 'tokenRefused'>> {
  let current: { readonly token: string; readonly untilMs: number } | undefined
  let pending: Promise<string> | undefined
  const ask = async (): Promise<string> => {
    const askedMs = clock.now()
    const { token, expirationTimestamp } = await requestToken(client, name)
    current = { token, untilMs: askedMs + (Date.parse(expirationTimestamp) - askedMs) / 5 }
    return token
  }
  return {
    tokenSource() {
      if (current !== undefined && clock.now() < current.untilMs) return current.token
      pending ??= ask().finally(() => {
        pending = undefined
      })
      return pending
    },
    tokenRefused() {
      current = undefined
    },
  }
}

interface TokenStatus {
  readonly token: string
  readonly expirationTimestamp: string
}

async function requestToken(client: Client, name: string): Promise<TokenStatus> {
  const spec = { expirationSeconds: lifetimeSeconds }
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: { namespace, name }, spec }
  const ask = async () => {
    const options = { subresource: 'token' }
    const answer = await client.create<never, { readonly status: TokenStatus }>(
      serviceAccounts as never,
      request,
      options,
    )
    return answer.status
  }
  try {
    return await ask()
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
  try {
    await client.create(serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name } })
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) throw error
  }
  return ask()
}
