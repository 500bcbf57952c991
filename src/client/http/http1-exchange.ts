import type { Agent } from 'node:http'
import https from 'node:https'
import type { SecureContextOptions } from 'node:tls'
import { http } from '../../machinery/node-http.ts'
import { type Exchange, plainHeaders, type WireRequest, type WireResponse } from './exchange.ts'

/** HTTP/1.1 with kept connections, for servers that speak nothing newer and for plain http. */
export function http1Exchange(
  server: URL,
  tls: () => SecureContextOptions & { readonly servername?: string },
): Exchange {
  const secure = server.protocol === 'https:'
  const agents = new Set<Agent>()
  const newAgent = () => {
    const made = secure ? new https.Agent({ keepAlive: true, ...tls() }) : new http.Agent({ keepAlive: true })
    agents.add(made)
    return made
  }
  let agent = newAgent()
  return {
    send: (request: WireRequest) =>
      new Promise<WireResponse>((resolve, reject) => {
        const { method, path, headers, body, signal } = request
        const { hostname, port } = server
        const host = hostname.replace(/^\[|\]$/g, '')
        const outgoing = (secure ? https : http).request(
          {
            agent,
            host,
            port: port || (secure ? 443 : 80),
            method,
            path,
            headers: { host: server.host, ...headers },
            signal,
          },
          (incoming) =>
            resolve({ status: incoming.statusCode ?? 0, headers: plainHeaders(incoming.headers), body: incoming }),
        )
        outgoing.on('error', (error) => reject(signal?.aborted ? (signal.reason as Error) : error))
        outgoing.end(body)
      }),
    renew() {
      // Connections are closed as they fall idle.
      agent.maxFreeSockets = 0
      for (const idle of Object.values(agent.freeSockets).flat()) idle?.destroy()
      agent = newAgent()
    },
    close: async () => {
      for (const one of agents) one.destroy()
    },
  }
}
