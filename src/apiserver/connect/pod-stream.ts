import type { Pod } from '../../api/types.generated.ts'
import { badRequest } from '../../machinery/errors.ts'
import type { ConnectHandler } from '../handlers/connect-handler.ts'
import type { Query } from '../routing/query.ts'
import { chooseContainer } from './container-choice.ts'
import { forwardUpgrade } from './forward-upgrade.ts'
import { hostPort, nodeConnection, type NodeConnectionOptions } from './node-connection.ts'

/** `pods/NAME/exec`, `attach` and `portforward`: the upgrade is handed on to the kubelet, which speaks all protocols. */
export function podStreamHandler(
  verb: 'exec' | 'attach' | 'portforward',
  options: NodeConnectionOptions,
  overWebSocket: () => void = () => {},
): ConnectHandler {
  const kinds = { exec: 'PodExecOptions', attach: 'PodAttachOptions', portforward: 'PodPortForwardOptions' } as const
  return {
    methods: ['GET', 'POST'],
    optionsKind: kinds[verb],
    subpath: false,
    needs: { verb: 'create', feature: 'AuthorizePodWebsocketUpgradeCreatePermission' },
    async connect({ exchange, info, query, parent }) {
      const pod = (await parent()) as Pod
      const container = verb === 'portforward' ? undefined : chooseContainer(pod, query.get('container') ?? '')
      if (!pod.spec.nodeName) throw badRequest(`pod ${info.name} does not have a host assigned`)
      const { host, port, tls } = nodeConnection(options, pod.spec.nodeName)
      const path = verb === 'portforward' ? 'portForward' : verb
      const url = new URL(
        `https://${hostPort(host, port)}/${[path, pod.metadata.namespace, pod.metadata.name, container].filter((part) => part !== undefined).join('/')}`,
      )
      url.search = streamParams(verb, query).toString()
      if (/^websocket$/i.test(exchange.headers.upgrade ?? '')) overWebSocket()
      await forwardUpgrade(exchange, { url, tls })
    },
  }
}

/** pkg/registry/core/pod/strategy.go streamParams. */
function streamParams(verb: 'exec' | 'attach' | 'portforward', query: Query): URLSearchParams {
  const search = new URLSearchParams()
  if (verb === 'portforward') {
    if (query.has('ports')) search.set('port', query.all('ports').join(','))
    return search
  }
  const on = (name: string) => query.has(name) && !/^(0|false)$/i.test(query.get(name)!)
  if (on('stdin')) search.set('input', '1')
  if (on('stdout')) search.set('output', '1')
  if (on('stderr')) search.set('error', '1')
  if (on('tty')) search.set('tty', '1')
  for (const word of verb === 'exec' ? query.all('command') : []) search.append('command', word)
  return search
}
