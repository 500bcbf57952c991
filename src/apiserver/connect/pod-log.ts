import { parseLogOptions } from '../../api/core/v1/pod-log-options.ts'
import type { Pod } from '../../api/types.generated.ts'
import type { Clock } from '../../machinery/clock.ts'
import { ApiError, badRequest, internalError, invalid } from '../../machinery/errors.ts'
import { fieldErrors } from '../../machinery/field-error.ts'
import { acceptWebSocket } from '../../machinery/streaming/channel-socket.ts'
import type { ConnectHandler } from '../handlers/connect-handler.ts'
import type { Exchange } from '../http/exchange.ts'
import type { Query } from '../routing/query.ts'
import { chooseContainer } from './container-choice.ts'
import { askBackend, relayAnswer } from './forward.ts'
import { hostPort, nodeConnection, type NodeConnectionOptions } from './node-connection.ts'

const passed = [
  'follow',
  'previous',
  'timestamps',
  'sinceSeconds',
  'sinceTime',
  'tailLines',
  'limitBytes',
  'stream',
] as const

/** `pods/NAME/log`: streams what the kubelet has of a container's log (pkg/registry/core/pod/rest/log.go). */
export function podLogHandler(options: NodeConnectionOptions & { clock: Clock }): ConnectHandler {
  const { clock } = options
  return {
    methods: ['GET'],
    optionsKind: 'PodLogOptions',
    subpath: false,
    async connect({ exchange, info, query, parent }) {
      const search = searchParams(query)
      // Streams by themselves are alpha upstream (PodLogsQuerySplitStreams), which refuses the option then.
      const streams = search.has('stream') ? [fieldErrors.forbidden('stream', 'may not be specified')] : []
      search.delete('stream')
      const errors = [...parseLogOptions(search, clock.now()).errors, ...streams]
      if (errors.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, info.name, errors)
      const pod = (await parent()) as Pod
      const container = chooseContainer(pod, query.get('container') ?? '')
      if (!pod.spec.nodeName) return exchange.respond(204, {})
      const { host, port, tls: verified } = nodeConnection(options, pod.spec.nodeName)
      const url = new URL(
        `https://${hostPort(host, port)}/containerLogs/${pod.metadata.namespace}/${pod.metadata.name}/${container}`,
      )
      url.search = search.toString()
      const tls =
        query.get('insecureSkipTLSVerifyBackend') === 'true' ? { ...verified, rejectUnauthorized: false } : verified
      const answer = await askBackend(exchange, { url, tls }, { method: 'GET', headers: {}, body: false }).catch(
        (error: unknown) => {
          throw internalError(`Get "${url.href}": ${error instanceof Error ? error.message : String(error)}`)
        },
      )
      if (answer.statusCode === 200)
        return exchange.upgrade
          ? relayMessages(exchange.upgrade, answer)
          : relayAnswer(exchange, answer, { 'content-type': 'text/plain' })
      const chunks: Buffer[] = []
      for await (const chunk of answer) chunks.push(chunk as Buffer)
      throw kubeletRefusal(answer.statusCode ?? 500, info.name, Buffer.concat(chunks).toString())
    },
  }
}

const messageProtocols = ['', 'binary.k8s.io', 'base64.binary.k8s.io'] as const

/** The log as messages of a WebSocket, for browsers (streaming pkg/httpstream/wsstream, Reader). */
async function relayMessages(
  upgrade: NonNullable<Exchange['upgrade']>,
  log: AsyncIterable<Buffer> & { destroy: () => void },
): Promise<void> {
  const accepted = await acceptWebSocket(upgrade, messageProtocols)
  if (accepted === undefined) return log.destroy()
  const { socket, protocol } = accepted
  socket.on('error', () => socket.terminate())
  socket.once('close', () => log.destroy())
  try {
    for await (const chunk of log) {
      const message = protocol.startsWith('base64') ? chunk.toString('base64') : chunk
      await new Promise<void>((resolve) => socket.send(message, () => resolve()))
    }
  } catch {
    // The client has gone, or the kubelet has: the closing says so.
  }
  socket.close(1000)
}

function searchParams(query: Query): URLSearchParams {
  const search = new URLSearchParams()
  for (const name of passed) for (const value of query.all(name).slice(0, 1)) search.set(name, value)
  return search
}

/** The kubelet's plain text as a Status (apiserver pkg/registry/generic/rest/response_checker.go). */
function kubeletRefusal(code: number, name: string, text: string): ApiError {
  if (code === 400) return badRequest(text)
  if (code === 500) return internalError(text)
  const [reason, message] =
    code === 404
      ? ['NotFound', 'the server could not find the requested resource']
      : ['Unknown', `the server responded with the status code ${code} but did not return more information`]
  const details = { name, kind: 'pods/log', causes: [{ reason: 'UnexpectedServerResponse', message: text }] }
  return new ApiError({ code, reason, details, message: `${message} ( pods/log ${name})` })
}
