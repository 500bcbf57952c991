import { type Duplex, duplexPair } from 'node:stream'
import type { Pki } from '../../apiserver/pki/pki.ts'
import type { Client } from '../../client/client.ts'
import { createKubeletAccess } from '../../kubelet/server/access.ts'
import { createKubeletServerHost } from '../../kubelet/server/kubelet-host.ts'
import { createKubeletServer, type KubeletServer } from '../../kubelet/server/server.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import { MetricsRegistry } from '../../machinery/metrics.ts'
import type { SimulatedNode } from './simulated-node.ts'

export interface SimulatedKubeletServerOptions {
  readonly node: SimulatedNode
  /** The node's own. */
  readonly client: Client
  readonly pki: Pki
  readonly clock: Clock
  readonly log: Logger
}

/**
 * The server of a simulated node's kubelet, whose address leads nowhere: the API server reaches it inside the process, with
 * the same TLS and the same rights. Made when it is first asked, for most of a thousand nodes never are.
 */
export function simulatedKubeletServer(options: SimulatedKubeletServerOptions): {
  dial: () => Duplex
  stop: () => Promise<void>
} {
  const { client, pki, clock, log } = options
  const { kubelet, runtime, address } = options.node
  const { nodeName } = kubelet
  let server: KubeletServer | undefined
  const make = (): KubeletServer => {
    const serving = pki.kubeletServing(nodeName, [nodeName, address])
    const metrics = new MetricsRegistry()
    const made = createKubeletServer({
      host: {
        ...createKubeletServerHost({
          kubelet,
          runtime,
          metrics,
          rootDir: '/',
          clock,
          configuration: { kind: 'KubeletConfiguration', apiVersion: 'kubelet.config.k8s.io/v1beta1' },
        }),
        // Simulated containers say nothing.
        logPath: async () => null,
      },
      access: createKubeletAccess({ client, nodeName, clock, metrics }),
      tls: {
        clientCa: pki.clusterAuthority.certificatePem,
        serving: {
          subscribe(listener) {
            listener({ cert: serving.certificatePem, key: serving.privateKeyPem })
            return () => {}
          },
        },
      },
      clock,
      log,
    })
    void made.start()
    return made
  }
  return {
    dial() {
      const [ours, theirs] = duplexPair()
      server ??= make()
      server.accept(theirs)
      return ours
    },
    stop: async () => server?.stop(),
  }
}
