import type { Clock } from '../../../machinery/clock.ts'
import {
  commandFailure,
  exitStatus,
  type RemoteCommandOptions,
  type RemoteCommandSession,
} from '../../../machinery/streaming/remote-command.ts'
import { forwardCommand } from '../../../machinery/streaming/remote-command-client.ts'
import { acceptSpdyCommand } from '../../../machinery/streaming/remote-command-spdy.ts'
import { acceptWebSocketCommand } from '../../../machinery/streaming/remote-command-websocket.ts'
import { upgradeProtocol, type UpgradeRequest } from '../../../machinery/streaming/upgrade.ts'
import type { StreamingTarget } from '../../runtimes/runtime.ts'
import { findPod, runningContainerId } from '../find-container.ts'
import type { KubeletServerHost } from '../host.ts'
import { HttpError } from '../http-error.ts'
import type { PodRoute } from '../route.ts'

const flag = (query: URLSearchParams, name: string): boolean => /^(1|t|true)$/i.test(query.get(name) ?? '')

/** The streams that the query asks for. Throws 400 in upstream's words (remotecommand NewOptions). */
export function commandOptions(query: URLSearchParams): RemoteCommandOptions {
  const tty = flag(query, 'tty')
  const options = {
    tty,
    stdin: flag(query, 'input') || flag(query, 'stdin'),
    stdout: flag(query, 'output') || flag(query, 'stdout'),
    // A terminal has one output.
    stderr: !tty && (flag(query, 'error') || flag(query, 'stderr')),
  }
  if (!options.stdin && !options.stdout && !options.stderr)
    throw new HttpError(400, 'you must specify at least 1 of stdin, stdout, stderr')
  return options
}

/** Serves exec and attach in every form that clients speak. Throws HttpError before the protocol is switched. */
export async function serveRemoteCommand(
  verb: 'exec' | 'attach',
  host: KubeletServerHost,
  clock: Clock,
  route: PodRoute,
  query: URLSearchParams,
  upgrade: UpgradeRequest,
): Promise<void> {
  const options = commandOptions(query)
  const containerId = runningContainerId(findPod(host, route), route.container ?? '')
  const target =
    verb === 'exec'
      ? await host.runtime.exec({ containerId, command: query.getAll('command'), ...options })
      : await host.runtime.attach({ containerId, ...options })
  const session =
    upgradeProtocol(upgrade.request) === 'SPDY/3.1'
      ? await acceptSpdyCommand(upgrade, options, clock)
      : await acceptWebSocketCommand(upgrade, options)
  if (session === undefined) return
  try {
    await session.finish(await run(session, target, options))
  } catch (error) {
    await session.finish(commandFailure(verb, error))
  }
}

async function run(session: RemoteCommandSession, target: StreamingTarget, options: RemoteCommandOptions) {
  if (target.kind === 'url') return forwardCommand(session, { url: new URL(target.url) }, options)
  if (target.kind !== 'exec') throw new Error('the runtime answered with a port-forward target')
  const gone = new AbortController()
  void session.closed.then(() => gone.abort())
  const write = (stream: RemoteCommandSession['stdout']) =>
    stream && ((bytes: Uint8Array) => new Promise<void>((resolve) => stream.write(bytes, () => resolve())))
  const code = await target.run({
    stdin: session.stdin?.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array> | undefined,
    stdout: write(session.stdout),
    stderr: write(session.stderr),
    onResize: (callback) => session.onResize(callback),
    signal: gone.signal,
  })
  return exitStatus(code)
}
