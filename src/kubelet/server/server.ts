import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Duplex } from 'node:stream'
import type { Clock } from '../../machinery/clock.ts'
import type { Component } from '../../machinery/component.ts'
import type { Logger } from '../../machinery/log.ts'
import { refuseUpgrade, upgradeProtocol } from '../../machinery/streaming/upgrade.ts'
import type { KubeletAccess } from './access.ts'
import { serveContainerLogs } from './handlers/container-logs.ts'
import { servePortForward } from './handlers/port-forward.ts'
import { serveRemoteCommand } from './handlers/remote-command.ts'
import { findPod, runningContainerId } from './find-container.ts'
import type { KubeletServerHost } from './host.ts'
import { HttpError } from './http-error.ts'
import { routeOf, type Route } from './route.ts'
import type { ServerMetrics } from './server-metrics.ts'

export interface KubeletServerOptions {
  readonly host: KubeletServerHost
  readonly access: KubeletAccess
  readonly metrics?: ServerMetrics
  readonly tls: {
    /** PEM: signs the certificates that callers may show. */
    readonly clientCa: string
    readonly serving: ServingCertificate
  }
  /** Absent: only what is handed to `accept`. */
  readonly listen?: { readonly address: string; readonly port: number }
  readonly clock: Clock
  readonly log: Logger
}

/** What a server shows, and its successors. Until there is one, connections fail. */
export interface ServingCertificate {
  /** Told of what is there, PEM, and of each new one. The result ends it. */
  subscribe(listener: (pair: { readonly cert: string; readonly key: string }) => void): () => void
}

export interface KubeletServer extends Component {
  readonly port: number
  /** Serves a connection that was made in another way; its bytes are TLS as well. */
  accept(connection: Duplex): void
}

/** The kubelet's own API (pkg/kubelet/server): every route authenticated and authorized, no read-only port. */
export function createKubeletServer(options: KubeletServerOptions): KubeletServer {
  const { access, log, listen } = options
  const sockets = new Set<Duplex>()

  /** Throws HttpError 401 or 403. The path is checked as it came, and routed as it was checked. */
  const admit = async (request: IncomingMessage): Promise<{ route: Route; query: URLSearchParams }> => {
    const [path = '/', search = ''] = (request.url ?? '/').split('?', 2)
    const user = await access.authenticate(request)
    if (user === undefined) throw new HttpError(401, 'Unauthorized')
    if (!(await access.authorize(user, request.method ?? 'GET', path))) {
      throw new HttpError(
        403,
        `Forbidden (user=${user.name}, verb=${request.method?.toLowerCase()}, resource=nodes, subresource(s)=[proxy])`,
      )
    }
    const route = routeOf(path)
    if (route === undefined) throw new HttpError(404, '404: Page Not Found')
    return { route, query: new URLSearchParams(search) }
  }

  const onRequest = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const { route, query } = await admit(request)
      const over = options.metrics?.began(request.method ?? 'GET', route.name)
      if (over !== undefined) response.once('close', over)
      await serve(options, route, query, request, response)
    } catch (error) {
      const status = error instanceof HttpError ? error.status : 500
      if (status === 500) log.error('request failed', { path: request.url?.split('?')[0], error })
      if (!response.headersSent) response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' })
      response.end(error instanceof Error ? error.message : String(error))
    }
  }

  const onUpgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    socket.on('error', () => {})
    try {
      const { route, query } = await admit(request)
      if (upgradeProtocol(request) === undefined)
        throw new HttpError(400, 'unable to upgrade: missing or unknown upgrade protocol')
      const over = options.metrics?.began(request.method ?? 'GET', route.name)
      if (over !== undefined) socket.once('close', over)
      if (upgradeProtocol(request)?.toLowerCase() === 'websocket') options.metrics?.stream(route.name.toLowerCase())
      const upgrade = { request, socket, head }
      if (route.name === 'exec' || route.name === 'attach')
        await serveRemoteCommand(route.name, options.host, options.clock, route, query, upgrade)
      else if (route.name === 'portForward') await servePortForward(options.host, route, query, upgrade)
      else throw new HttpError(400, 'this path takes no upgrade')
    } catch (error) {
      const status = error instanceof HttpError ? error.status : 500
      if (status === 500) log.error('upgrade failed', { path: request.url?.split('?')[0], error })
      if (!socket.destroyed)
        refuseUpgrade(socket, status, 'Error', error instanceof Error ? error.message : String(error))
    }
  }

  let server: Server | undefined
  let unsubscribe = () => {}
  return {
    name: 'kubelet-server',
    get port() {
      const address = server?.address()
      return typeof address === 'object' && address !== null ? address.port : (listen?.port ?? 0)
    },
    async start() {
      const { clientCa, serving } = options.tls
      const context = { ca: clientCa, minVersion: 'TLSv1.2' } as const
      const https = createServer({ ...context, requestCert: true, rejectUnauthorized: false })
      // Connections that are there go on with the certificate that they began with.
      unsubscribe = serving.subscribe(({ cert, key }) => https.setSecureContext({ ...context, cert, key }))
      https.on('request', (request, response) => void onRequest(request, response))
      https.on('upgrade', (request, socket, head) => void onUpgrade(request, socket, head))
      https.on('secureConnection', (socket) => {
        sockets.add(socket)
        socket.once('close', () => sockets.delete(socket))
      })
      https.on('tlsClientError', (error) => log.debug('TLS handshake failed', { error: error.message }))
      server = https
      if (listen === undefined) return
      await new Promise<void>((resolve, reject) =>
        https.once('error', reject).listen(listen.port, listen.address, resolve),
      )
    },
    accept: (connection) => void server?.emit('connection', connection),
    async stop() {
      unsubscribe()
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => (server?.listening ? server.close(() => resolve()) : resolve()))
    },
  }
}

async function serve(
  options: KubeletServerOptions,
  route: Route,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { host, clock } = options
  const read = route.name !== 'run' && route.name !== 'exec' && route.name !== 'attach' && route.name !== 'portForward'
  if (read && request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET')
    throw new HttpError(405, 'Method Not Allowed')
  }
  const json = (value: unknown) =>
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))
  const list = (items: readonly unknown[]) => json({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items })
  switch (route.name) {
    case 'healthz': {
      const failing = host.unhealthy()
      if (failing.length > 0) throw new HttpError(500, failing.map((check) => `[-]${check} failed\n`).join(''))
      response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' }).end('ok')
      return
    }
    case 'pods':
      list(host.pods())
      return
    case 'runningPods':
      list(await host.runningPods())
      return
    case 'configz':
      json({ kubeletconfig: host.configuration() })
      return
    case 'statsSummary':
      json(await host.statsSummary(query.get('only_cpu_and_memory') === 'true'))
      return
    case 'metrics':
      response
        .writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' })
        .end(await host.metrics(route.endpoint))
      return
    case 'containerLogs':
      return serveContainerLogs(host, clock, route, query, response)
    case 'run': {
      const id = runningContainerId(findPod(host, route), route.container ?? '')
      const result = await host.runtime.execSync(
        id,
        query.getAll('cmd').flatMap((text) => text.split(' ')),
        0,
      )
      response
        .writeHead(result.exitCode === 0 ? 200 : 500, { 'Content-Type': 'text/plain' })
        .end(Buffer.concat([result.stdout, result.stderr]))
      return
    }
    case 'logs':
      throw new HttpError(405, 'logs endpoint is disabled.')
    case 'exec':
    case 'attach':
    case 'portForward':
      throw new HttpError(400, 'unable to upgrade: missing upgrade headers in request')
  }
}
