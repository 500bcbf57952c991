import { kinds } from '../api/kinds.ts'
import type { ResourceDefinition } from '../api/definition.ts'
import type { Client } from '../client/client.ts'
import { createClient } from '../client/create-client.ts'
import type { Transport } from '../client/transport.ts'
import { systemClock, type Clock } from '../machinery/clock.ts'
import { silentLogger } from '../machinery/log.ts'
import type { KubeObject } from '../machinery/meta/object.ts'
import { seededRandom } from '../machinery/random.ts'
import { createMemoryStore } from '../store/memory/store.ts'
import type { Store } from '../store/store.ts'
import type { AdmissionPlugin } from './admission/plugin.ts'
import { createApiServer, type ApiServer, type ApiServerOptions } from './server.ts'

export const admin = { name: 'admin', groups: ['system:masters', 'system:authenticated'] }

export interface OpenServer {
  readonly server: ApiServer
  readonly store: Store
  readonly transport: Transport
  readonly client: Client
  /** Sends a request and answers with the body, whatever the status. */
  readonly call: (method: string, path: string, body?: unknown, options?: CallOptions) => Promise<Called>
  [Symbol.asyncDispose](): Promise<void>
}
export interface CallOptions {
  readonly query?: Record<string, string>
  readonly contentType?: string
  readonly accept?: string
}
export interface Called {
  readonly status: number
  // Tests look into bodies of all kinds.
  readonly body: Body
  readonly warnings: string
}
export type Body = { readonly [member: string]: never } & KubeObject & { readonly items: readonly Body[] }

/** A server over memory that lets everybody do everything: for tests of what lies behind access control. */
export async function openServer(
  options: {
    readonly clock?: Clock
    readonly admission?: readonly AdmissionPlugin[]
    readonly extraKinds?: readonly ResourceDefinition[]
    readonly store?: Store
  } & Partial<ApiServerOptions> = {},
): Promise<OpenServer> {
  const { clock = systemClock, admission = [], extraKinds = [], store = createMemoryStore({ clock }) } = options
  const server = createApiServer({
    kinds: [...kinds, ...extraKinds],
    authentication: { authenticate: async () => ({ user: admin }) },
    authorizer: { authorize: () => ({ decision: 'allow', reason: '' }) },
    random: seededRandom(1),
    log: silentLogger,
    ...options,
    store,
    clock,
    admission,
  })
  await server.start()
  const transport = server.inProcess(admin, 'test/1')
  const client = createClient(transport)
  if (options.store === undefined) {
    await transport.request({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: 'default' } } })
  }
  return {
    server,
    store,
    transport,
    client,
    async call(method, path, body, { query, contentType, accept } = {}) {
      try {
        const answer = await transport.request({ method: method as 'GET', path, body, query, contentType, accept })
        return { status: answer.status, body: answer.body as Body, warnings: answer.headers['warning'] ?? '' }
      } catch (error) {
        const { status } = error as { status?: { code: number } }
        if (status === undefined) throw error
        return { status: status.code, body: status as unknown as Body, warnings: '' }
      }
    },
    async [Symbol.asyncDispose]() {
      await server.stop()
      await store.close()
    },
  }
}

export const configMap = (name: string, more: object = {}, data: object = {}): object => ({
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: { name, ...more },
  data,
})
export const configMapsPath = '/api/v1/namespaces/default/configmaps'
export const podsPath = '/api/v1/namespaces/default/pods'
export const pod = (name: string, more: object = {}, spec: object = {}): object => ({
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: { name, ...more },
  spec: { containers: [{ name: 'main', image: 'busybox' }], ...spec },
})
