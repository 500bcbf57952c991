import type { Duplex } from 'node:stream'
import { acceptWebSocket, ChannelSocket } from './channel-socket.ts'
import {
  ResizeDecoder,
  type CommandStatus,
  type RemoteCommandOptions,
  type RemoteCommandSession,
} from './remote-command.ts'
import type { UpgradeRequest } from './upgrade.ts'

const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const
const protocols = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v4.base64.channel.k8s.io',
  'channel.k8s.io',
  'base64.channel.k8s.io',
  '',
] as const

/** Accepts an exec or attach over a WebSocket; undefined when the request was refused. */
export async function acceptWebSocketCommand(
  upgrade: UpgradeRequest,
  options: RemoteCommandOptions,
): Promise<RemoteCommandSession | undefined> {
  const accepted = await acceptWebSocket(upgrade, protocols)
  if (accepted === undefined) return undefined
  const socket = new ChannelSocket(accepted)
  const stdin = options.stdin ? socket.channel(channels.stdin) : undefined
  const stdout = options.stdout ? socket.channel(channels.stdout) : undefined
  const stderr = options.stderr ? socket.channel(channels.stderr) : undefined
  const resize = socket.channel(channels.resize)
  // An empty first frame on the lowest channel that is written tells the client that the session stands.
  socket.send(options.stdout ? channels.stdout : options.stderr ? channels.stderr : channels.error, Buffer.alloc(0))
  return {
    stdin,
    stdout,
    stderr,
    closed: socket.closed,
    onResize(callback) {
      const decoder = new ResizeDecoder()
      resize.on('data', (bytes: Buffer) => decoder.push(bytes).forEach(callback))
    },
    async finish(status: CommandStatus) {
      await Promise.all([stdout, stderr].map((stream) => flushed(stream)))
      const json = socket.protocol.startsWith('v4') || socket.protocol.startsWith('v5')
      const text = json ? JSON.stringify(status) : status.status === 'Success' ? '' : (status.message ?? '')
      if (text !== '')
        await new Promise<void>((resolve) => socket.send(channels.error, Buffer.from(text), () => resolve()))
      socket.close()
      await socket.closed
    },
  }
}

function flushed(stream: Duplex | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (stream === undefined || stream.destroyed || stream.writableFinished) return resolve()
    stream.once('close', () => resolve())
    stream.end(() => resolve())
  })
}
