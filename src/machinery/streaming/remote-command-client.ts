import { dialUpgrade, type DialTarget } from './dial-upgrade.ts'
import type { CommandStatus, RemoteCommandOptions, RemoteCommandSession } from './remote-command.ts'
import { SpdyConnection, type SpdyStream } from './spdy/connection.ts'

/**
 * Hands an accepted session on to a server that speaks SPDY/3.1 (a container runtime's streaming server), and ends it
 * with the status that server reports. Throws when the server cannot be reached; the session is then still open.
 */
export async function forwardCommand(
  session: RemoteCommandSession,
  target: DialTarget,
  options: RemoteCommandOptions,
): Promise<CommandStatus> {
  const { socket, head, headers } = await dialUpgrade(target, {
    upgrade: 'SPDY/3.1',
    headers: { 'X-Stream-Protocol-Version': 'v4.channel.k8s.io' },
  })
  const connection = new SpdyConnection(socket, { role: 'client', head })
  const open = (type: string) => connection.createStream(new Map([['streamtype', type]]))
  const error = await open('error')
  const stdin = options.stdin ? await open('stdin') : undefined
  const stdout = options.stdout ? await open('stdout') : undefined
  const stderr = options.stderr ? await open('stderr') : undefined
  const resize = options.tty ? await open('resize') : undefined

  for (const stream of [error, stdin, stdout, stderr, resize]) stream?.on('error', () => {})
  if (stdin && session.stdin) session.stdin.pipe(stdin)
  if (resize)
    session.onResize(({ width, height }) => resize.write(`${JSON.stringify({ Width: width, Height: height })}\n`))
  void session.closed.then(() => connection.close())
  const [report] = await Promise.all([readAll(error), drain(stdout, session.stdout), drain(stderr, session.stderr)])
  connection.close()
  const json = headers['x-stream-protocol-version'] !== undefined
  return parseStatus(report, json)
}

function parseStatus(report: string, json: boolean): CommandStatus {
  if (report === '') return { metadata: {}, status: 'Success' }
  if (json) {
    try {
      return { metadata: {}, ...(JSON.parse(report) as CommandStatus) }
    } catch {
      // Some runtimes report a plain text after all.
    }
  }
  return { metadata: {}, status: 'Failure', reason: 'InternalError', message: report, code: 500 }
}

async function readAll(stream: SpdyStream): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** Copies until the source ends; the sink stays open, and a sink that broke only drops bytes. */
async function drain(from: SpdyStream | undefined, to: NodeJS.WritableStream | undefined): Promise<void> {
  if (from === undefined || to === undefined) return
  let broken = false
  to.on('error', () => (broken = true))
  to.on('close', () => (broken = true))
  for await (const chunk of from.iterator({ destroyOnReturn: false })) {
    if (!broken) await new Promise<void>((resolve) => to.write(chunk as Buffer, () => resolve()))
  }
}
