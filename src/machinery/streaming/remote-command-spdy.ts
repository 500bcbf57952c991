import type { Readable, Writable } from 'node:stream'
import { sleep, type Clock } from '../clock.ts'
import {
  ResizeDecoder,
  type CommandStatus,
  type RemoteCommandOptions,
  type RemoteCommandSession,
} from './remote-command.ts'
import { SpdyConnection, type SpdyStream } from './spdy/connection.ts'
import { acceptSpdy, negotiateStreamProtocol, refuseUpgrade, type UpgradeRequest } from './upgrade.ts'

/** Newest first (apimachinery pkg/util/remotecommand); v1 is what a client means that names none. */
const protocols = ['v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io'] as const

const streamCreationTimeoutMs = 30_000

/** Accepts an exec or attach over SPDY/3.1; undefined when the request was refused or its streams never came. */
export async function acceptSpdyCommand(
  upgrade: UpgradeRequest,
  options: RemoteCommandOptions,
  clock: Clock,
): Promise<RemoteCommandSession | undefined> {
  const asked = upgrade.request.headers['x-stream-protocol-version'] !== undefined
  const protocol = negotiateStreamProtocol(upgrade.request, protocols)
  if (asked && protocol === undefined) {
    refuseUpgrade(
      upgrade.socket,
      403,
      'Forbidden',
      `unable to negotiate protocol: client supports ${JSON.stringify(upgrade.request.headers['x-stream-protocol-version'])}, server supports ${JSON.stringify(protocols)}`,
    )
    return undefined
  }
  acceptSpdy(upgrade.socket, protocol)
  const resizable = protocol === 'v4.channel.k8s.io' || protocol === 'v3.channel.k8s.io'
  const expected = [
    'error',
    ...(options.stdin ? ['stdin'] : []),
    ...(options.stdout ? ['stdout'] : []),
    ...(options.stderr ? ['stderr'] : []),
    ...(options.tty && resizable ? ['resize'] : []),
  ]
  const streams = new Map<string, SpdyStream>()
  const complete = Promise.withResolvers<void>()
  const connection = new SpdyConnection(upgrade.socket, {
    role: 'server',
    head: upgrade.head,
    onStream: (stream) => {
      const type = stream.headers.get('streamtype') ?? ''
      if (!expected.includes(type) || streams.has(type)) return stream.reset()
      streams.set(type, stream)
      if (streams.size === expected.length) complete.resolve()
    },
  })
  const given = new AbortController()
  const late = sleep(clock, streamCreationTimeoutMs, given.signal).then(
    () => 'late' as const,
    () => 'late' as const,
  )
  const outcome = await Promise.race([
    complete.promise.then(() => 'complete' as const),
    connection.closed.then(() => 'closed' as const),
    late,
  ])
  given.abort()
  if (outcome !== 'complete') {
    connection.close()
    return undefined
  }
  return session(connection, streams, protocol === 'v4.channel.k8s.io')
}

function session(
  connection: SpdyConnection,
  streams: ReadonlyMap<string, SpdyStream>,
  jsonStatus: boolean,
): RemoteCommandSession {
  const stdout: Writable | undefined = streams.get('stdout')
  const stderr: Writable | undefined = streams.get('stderr')
  const stdin: Readable | undefined = streams.get('stdin')
  return {
    stdin,
    stdout,
    stderr,
    closed: connection.closed,
    onResize(callback) {
      const decoder = new ResizeDecoder()
      streams.get('resize')?.on('data', (bytes: Buffer) => decoder.push(bytes).forEach(callback))
    },
    async finish(status: CommandStatus) {
      await Promise.all([stdout, stderr].map((stream) => ended(stream)))
      const error = streams.get('error')
      const text = jsonStatus ? JSON.stringify(status) : status.status === 'Success' ? '' : (status.message ?? '')
      error?.end(text)
      await ended(error)
      connection.close()
      await connection.closed
    },
  }
}

/** Ends a stream and waits until its last byte is handed to the socket, or it broke. */
function ended(stream: Writable | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (stream === undefined || stream.destroyed || stream.writableFinished) return resolve()
    stream.once('finish', () => resolve())
    stream.once('close', () => resolve())
    stream.once('error', () => resolve())
    stream.end()
  })
}
