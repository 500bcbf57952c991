import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Client } from '../../client/client.ts'
import { createClient } from '../../client/create-client.ts'
import type { ConnectionOptions } from '../../client/http/connection-options.ts'
import type { Exchange } from '../../client/http/exchange.ts'
import { httpTransport } from '../../client/http/http-transport.ts'
import { connectionOf, parseKubeconfig, type KubeconfigConnection } from '../../client/http/kubeconfig.ts'
import { measuredExchanges } from '../../client/http/measured-exchange.ts'
import { negotiatedExchange } from '../../client/http/negotiated-exchange.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { MetricsRegistry } from '../../machinery/metrics.ts'

/** How a component that runs by itself reaches its API server. */
export interface KubeconfigClients {
  readonly connection: KubeconfigConnection
  /** Who the kubeconfig says, or who it is to act as. */
  client(name: string, impersonate?: ConnectionOptions['impersonate']): Client
  /** Somebody known by a token alone. All of these share their connections. */
  tokenClient(name: string, identity: Pick<ConnectionOptions, 'tokenSource' | 'tokenRefused'>): Client
  close(): Promise<void>
}

/** Throws an Error that says what is wrong with the file. What is asked of the server is measured in `metrics`. */
export function kubeconfigClients(file: string, clock: Clock, metrics?: MetricsRegistry): KubeconfigClients {
  const connection = connectionOf(parseKubeconfig(readFileSync(file, 'utf8')), { folder: dirname(file), clock })
  const { server, ca, tlsServerName, insecureSkipTlsVerify } = connection
  const anonymous = { server, ca, tlsServerName, insecureSkipTlsVerify, clock }
  const measured = metrics === undefined ? (exchange: Exchange) => exchange : measuredExchanges(metrics, clock)
  const shared = {
    known: measured(negotiatedExchange({ ...connection, userAgent: 'skiff', clock }), server),
    anonymous: measured(negotiatedExchange({ ...anonymous, userAgent: 'skiff' }), server),
  }
  return {
    connection,
    client: (name, impersonate = connection.impersonate) =>
      createClient(httpTransport({ ...connection, impersonate, userAgent: `skiff-${name}`, clock }, shared.known)),
    tokenClient: (name, identity) =>
      createClient(httpTransport({ ...anonymous, ...identity, userAgent: `skiff-${name}` }, shared.anonymous)),
    async close() {
      await Promise.all([shared.known.close(), shared.anonymous.close()])
    },
  }
}
