import type { Pod } from '../../api/types.generated.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { Clock } from '../../machinery/clock.ts'
import { notFound } from '../../machinery/errors.ts'
import type { MetricsRegistry } from '../../machinery/metrics.ts'
import type { Random } from '../../machinery/random.ts'
import type { ConnectHandler } from '../handlers/connect-handler.ts'
import { nodeBackend, podBackend, serviceBackend } from './backends.ts'
import type { NodeConnectionOptions } from './node-connection.ts'
import { podLogHandler } from './pod-log.ts'
import { podStreamHandler } from './pod-stream.ts'
import { proxyHandler } from './proxy.ts'

export interface ConnectOptions extends NodeConnectionOptions {
  readonly clock: Clock
  readonly random: Random
  readonly metrics?: MetricsRegistry
}

/** Every connect subresource of the core group, by `resource/subresource`. */
export function connectHandlers(options: ConnectOptions): Readonly<Record<string, ConnectHandler>> {
  const { lister, random } = options
  const podOf = (namespace: string, name: string): Pod => {
    const pod = lister.get(pods, namespace, name)
    if (pod === undefined) throw notFound({ group: '', resource: 'pods' }, name)
    return pod
  }
  const streams = options.metrics?.counter(
    'apiserver_websocket_streaming_requests_total',
    'Streams over WebSocket that were handed on.',
    ['subresource', 'proxy_type'],
  )
  const stream = (verb: 'exec' | 'attach' | 'portforward') =>
    podStreamHandler(verb, options, streams && (() => streams.labels(verb, 'proxied_to_kubelet').inc()))
  return {
    'pods/log': podLogHandler(options),
    'pods/exec': stream('exec'),
    'pods/attach': stream('attach'),
    'pods/portforward': stream('portforward'),
    'pods/proxy': proxyHandler('Pod', async (target, { info }) =>
      podBackend(podOf(info.namespace, target.name), target),
    ),
    'services/proxy': proxyHandler('Service', async (target, { info }) =>
      serviceBackend(lister, random, info.namespace, target),
    ),
    'nodes/proxy': proxyHandler('Node', async (target) => nodeBackend(options, target)),
  }
}
