import type { Duplex } from 'node:stream'
import { acceptWebSocket, ChannelSocket } from './channel-socket.ts'
import { dialUpgrade, type DialTarget } from './dial-upgrade.ts'
import { SpdyConnection, type SpdyStream } from './spdy/connection.ts'
import { acceptSpdy, negotiateStreamProtocol, refuseUpgrade, upgradeProtocol, type UpgradeRequest } from './upgrade.ts'
import { webSocketBytes } from './websocket-bytes.ts'

const protocol = 'portforward.k8s.io'
/** SPDY inside a WebSocket, as kubectl since 1.31 does it (apimachinery pkg/util/portforward). */
const tunnelProtocol = `SPDY/3.1+${protocol}`
const channelProtocols = ['v4.channel.k8s.io', 'v4.base64.channel.k8s.io', ''] as const

/** Connects one forwarded connection to `port` in the pod; resolves when it is over, rejects with what the client is told. */
export type PortDialer = (port: number, data: Duplex) => Promise<void>

/**
 * Serves a port-forward request in whichever form the client chose. `ports`: those in the query (`ports=80`), for the
 * plain WebSocket form. Resolves when the client is gone.
 */
export async function servePortForward(
  upgrade: UpgradeRequest,
  ports: readonly number[],
  pod: string,
  dial: PortDialer,
): Promise<void> {
  if (upgradeProtocol(upgrade.request) === 'SPDY/3.1') {
    const chosen = negotiateStreamProtocol(upgrade.request, [protocol])
    if (upgrade.request.headers['x-stream-protocol-version'] !== undefined && chosen === undefined) {
      return refuseUpgrade(
        upgrade.socket,
        403,
        'Forbidden',
        `unable to negotiate protocol: server supports [${protocol}]`,
      )
    }
    acceptSpdy(upgrade.socket, chosen)
    return serveStreamPairs(upgrade.socket, upgrade.head, pod, dial)
  }
  const socket = await acceptWebSocket(upgrade, [tunnelProtocol, ...channelProtocols])
  if (socket === undefined) return
  if (socket.protocol === tunnelProtocol)
    return serveStreamPairs(webSocketBytes(socket.socket), Buffer.alloc(0), pod, dial)
  return serveChannels(new ChannelSocket(socket), ports, pod, dial)
}

/** A pair of SPDY streams per connection: one for data, one for its error, joined by a request id. */
async function serveStreamPairs(socket: Duplex, head: Buffer, pod: string, dial: PortDialer): Promise<void> {
  const pairs = new Map<string, { data?: SpdyStream; error?: SpdyStream }>()
  const connection = new SpdyConnection(socket, {
    role: 'server',
    head,
    onStream: (stream) => {
      const type = stream.headers.get('streamtype')
      const port = Number(stream.headers.get('port'))
      if ((type !== 'data' && type !== 'error') || !Number.isInteger(port) || port < 1 || port > 65535)
        return stream.reset()
      // Old clients give no id: there the data stream's number is the error stream's plus two.
      const id = stream.headers.get('requestid') ?? String(type === 'error' ? stream.id : stream.id - 2)
      const pair = { ...pairs.get(id), [type]: stream }
      pairs.set(id, pair)
      if (pair.data === undefined || pair.error === undefined) return
      pairs.delete(id)
      void forward(pair.data, pair.error, port, pod, dial)
    },
  })
  await connection.closed
}

/** Two channels per port, each begun with the port's number in little endian. */
async function serveChannels(
  socket: ChannelSocket,
  ports: readonly number[],
  pod: string,
  dial: PortDialer,
): Promise<void> {
  await Promise.all(
    ports.map((port, index) => {
      const data = socket.channel(index * 2)
      const error = socket.channel(index * 2 + 1)
      const number = Buffer.from([port & 0xff, port >> 8])
      data.write(number)
      error.write(number)
      return forward(data, error, port, pod, dial)
    }),
  )
  socket.close()
  await socket.closed
}

async function forward(data: Duplex, error: Duplex, port: number, pod: string, dial: PortDialer): Promise<void> {
  data.on('error', () => {})
  error.on('error', () => {})
  try {
    await dial(port, data)
    error.end()
    data.end()
  } catch (why) {
    error.end(`error forwarding port ${port} to pod ${pod}, uid : ${why instanceof Error ? why.message : String(why)}`)
    data.end()
  }
}

/** A dialer that hands connections on to a runtime's streaming server, all over one SPDY connection. */
export async function spdyPortDialer(target: DialTarget): Promise<{ dial: PortDialer; close: () => void }> {
  const { socket, head } = await dialUpgrade(target, {
    upgrade: 'SPDY/3.1',
    headers: { 'X-Stream-Protocol-Version': protocol },
  })
  const connection = new SpdyConnection(socket, { role: 'client', head })
  let requests = 0
  const dial: PortDialer = async (port, data) => {
    const headers = (type: string, id: string) =>
      new Map([
        ['streamtype', type],
        ['port', String(port)],
        ['requestid', id],
      ])
    const id = String(requests++)
    const error = await connection.createStream(headers('error', id))
    error.on('error', () => {})
    error.end()
    const remote = await connection.createStream(headers('data', id))
    remote.on('error', () => {})
    data.pipe(remote)
    remote.pipe(data)
    const report: Buffer[] = []
    for await (const chunk of error.iterator({ destroyOnReturn: false })) report.push(chunk as Buffer)
    if (report.length > 0) {
      const text = Buffer.concat(report).toString()
      throw new Error(text.replace(/^error forwarding port \d+ to pod [^,]*, uid [^:]*: /, ''))
    }
    await new Promise<void>((resolve) =>
      remote.readableEnded || remote.destroyed ? resolve() : remote.once('close', resolve).once('end', resolve),
    )
  }
  return { dial, close: () => connection.close() }
}
