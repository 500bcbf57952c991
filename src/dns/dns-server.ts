import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { createServer, type Server, type Socket } from 'node:net'
import type { InformerFactory } from '../client/informer.ts'
import type { Clock } from '../machinery/clock.ts'
import type { Component } from '../machinery/component.ts'
import { isIpv6Text } from '../machinery/ip.ts'
import type { Logger } from '../machinery/log.ts'
import { type Random, systemRandom } from '../machinery/random.ts'
import { informerData } from './cluster/informer-data.ts'
import { Forwarder } from './forward/forwarder.ts'
import { QueryHandler } from './query-handler.ts'

export interface ListenAddress {
  readonly address: string
  /** 0: a free one, the same for UDP and TCP. */
  readonly port: number
}

export interface DnsServerOptions {
  readonly informers: InformerFactory
  /** `cluster.local` */
  readonly clusterDomain: string
  readonly listen: readonly ListenAddress[]
  /** Name servers for all other names, as {@link Forwarder} takes them; none: those names fail. */
  readonly forward: readonly string[]
  /** Seconds that clients may keep the cluster's records; default 30, as kubeadm sets it. */
  readonly ttl?: number
  readonly clock: Clock
  readonly random?: Random
  readonly log: Logger
}

export interface DnsServer extends Component {
  /** Where it listens, with the ports that `port: 0` got. */
  readonly addresses: readonly ListenAddress[]
}

/** Idle TCP clients are hung up on after this time (RFC 7766 section 6.2.3). */
const idleMs = 10_000
const maxConnections = 1000

/** The cluster's DNS on UDP and TCP, fed by the Services and EndpointSlices of the API. */
export function createDnsServer(options: DnsServerOptions): DnsServer {
  const { informers, clusterDomain, listen, forward, ttl = 30, clock, random = systemRandom, log } = options
  const data = informerData(informers)
  const sockets: UdpSocket[] = []
  const servers: TcpListener[] = []
  let addresses: ListenAddress[] = []
  let forwarder: Forwarder | undefined

  return {
    name: 'dns',
    get addresses() {
      return addresses
    },
    async start() {
      forwarder = new Forwarder({ servers: forward, clock, random })
      const handler = new QueryHandler({
        data,
        domain: clusterDomain.toLowerCase().replace(/\.$/, ''),
        ttl,
        nameServer: { namespace: 'kube-system', name: 'kube-dns' },
        forwarder,
      })
      addresses = []
      for (const { address, port } of listen) {
        const { tcp, udp, chosen } = await listenBoth(handler, { address, port }, clock, log)
        servers.push(tcp)
        sockets.push(udp)
        addresses.push({ address, port: chosen })
      }
      await data.whenSynced()
      log.info('names are served', {
        addresses: addresses.map(({ address, port }) => `${address}#${port}`).join(','),
        forward: forward.join(','),
      })
    },
    async stop() {
      await Promise.all([
        ...sockets.splice(0).map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))),
        ...servers.splice(0).map(({ server, clients }) => {
          for (const client of clients) client.destroy()
          return new Promise<void>((resolve) => server.close(() => resolve()))
        }),
      ])
      forwarder?.close()
      forwarder = undefined
    },
  }
}

interface TcpListener {
  readonly server: Server
  readonly clients: Set<Socket>
}

/** A port that is free for TCP may be taken for UDP; with port 0 another one is tried then. */
async function listenBoth(
  handler: QueryHandler,
  { address, port }: ListenAddress,
  clock: Clock,
  log: Logger,
): Promise<{ tcp: TcpListener; udp: UdpSocket; chosen: number }> {
  for (let attempt = 1; ; attempt++) {
    const tcp = await listenTcp(handler, { address, port }, clock)
    const bound = tcp.server.address()
    const chosen = typeof bound === 'object' && bound !== null ? bound.port : port
    try {
      return { tcp, udp: await listenUdp(handler, { address, port: chosen }, log), chosen }
    } catch (error) {
      tcp.server.close()
      if (port !== 0 || attempt === 10) throw error
    }
  }
}

function explain(error: unknown, { address, port }: ListenAddress): Error {
  const code = (error as NodeJS.ErrnoException).code
  const why =
    code === 'EADDRINUSE'
      ? 'another program uses the port'
      : code === 'EACCES'
        ? 'ports below 1024 need root'
        : String(error)
  return new Error(`the cluster's DNS cannot listen on ${address}#${port}: ${why}`, { cause: error })
}

function listenUdp(handler: QueryHandler, at: ListenAddress, log: Logger): Promise<UdpSocket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({
      type: isIpv6Text(at.address) ? 'udp6' : 'udp4',
      ipv6Only: isIpv6Text(at.address),
      recvBufferSize: 4 * 2 ** 20,
    })
    const send = (answer: Buffer | undefined, port: number, address: string) => {
      if (answer !== undefined) socket.send(answer, port, address)
    }
    socket.once('error', (error) => reject(explain(error, at)))
    socket.on('message', (query, { port, address }) => {
      const answer = handler.handle(query, false)
      if (answer instanceof Promise) {
        void answer.then(
          (late) => isOpen && send(late, port, address),
          (error) => log.error('a query could not be answered', { error }),
        )
      } else send(answer, port, address)
    })
    let isOpen = true
    socket.once('close', () => {
      isOpen = false
    })
    socket.bind(at.port, at.address, () => {
      socket.removeAllListeners('error')
      socket.on('error', (error) => log.warn('an answer could not be sent', { error }))
      resolve(socket)
    })
  })
}

function listenTcp(handler: QueryHandler, at: ListenAddress, clock: Clock): Promise<TcpListener> {
  const clients = new Set<Socket>()
  const server = createServer((client) => {
    clients.add(client)
    client.once('close', () => clients.delete(client))
    client.on('error', () => client.destroy())
    let hangUp = () => {}
    const wait = () => {
      hangUp()
      hangUp = clock.after(idleMs, () => client.destroy())
    }
    wait()
    client.once('close', () => hangUp())
    let received: Buffer = Buffer.alloc(0)
    client.on('data', (chunk: Buffer) => {
      wait()
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const end = 2 + received.readUInt16BE(0)
        const query = Buffer.from(received.subarray(2, end))
        received = received.subarray(end)
        // Answers may overtake each other (RFC 7766 section 6.2.1.1).
        void Promise.resolve(handler.handle(query, true)).then(
          (answer) => {
            if (answer === undefined || client.destroyed) return
            const length = Buffer.alloc(2)
            length.writeUInt16BE(answer.length)
            client.write(Buffer.concat([length, answer]))
          },
          () => client.destroy(),
        )
      }
    })
  })
  server.maxConnections = maxConnections
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(explain(error, at)))
    server.listen(at.port, at.address, () => resolve({ server, clients }))
  })
}
