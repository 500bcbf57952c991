import { readFileSync } from 'node:fs'
import { createClient } from '../../client/create-client.ts'
import type { HttpTransportOptions } from '../../client/http/connection-options.ts'
import { httpTransport, type HttpTransport } from '../../client/http/http-transport.ts'
import { createKubeletCertificates, type KubeletCertificates } from '../../kubelet/certificates/kubelet-certificates.ts'
import { nodeAddresses } from '../../kubelet/node/node-addresses.ts'
import { systemClock } from '../../machinery/clock.ts'
import { measuredExchanges } from '../../client/http/measured-exchange.ts'
import { negotiatedExchange } from '../../client/http/negotiated-exchange.ts'
import { CertificateMetrics } from '../../kubelet/certificates/certificate-metrics.ts'
import type { Logger } from '../../machinery/log.ts'
import { MetricsRegistry } from '../../machinery/metrics.ts'
import { systemRandom } from '../../machinery/random.ts'
import type { AgentConfig, CertificateFiles } from './agent-config.ts'

/** As whom a node's parts speak to the API server. */
export interface AgentIdentity {
  readonly certificates: KubeletCertificates
  /** Of the kubelet: what its certificates and its requests come to, and whatever else it tells. */
  readonly metrics: MetricsRegistry
  /** The node itself; its first request waits until the node has a certificate. */
  readonly transport: HttpTransport
  /** Another of its parts, with the certificate that it was given. */
  connect(files: CertificateFiles, name: string, metrics?: MetricsRegistry): HttpTransport
  /** Asks for the node's certificate if it is missing, and renews it. */
  start(): void
  /** The same for the certificate with which the kubelet serves; nobody waits for that while the node starts. */
  serve(): void
  stop(): Promise<void>
}

export function createAgentIdentity(config: AgentConfig, log: Logger): AgentIdentity {
  const clock = systemClock
  const metrics = new MetricsRegistry()
  const certificateMetrics = new CertificateMetrics(metrics, clock)
  const ca = readFileSync(config.pki.ca, 'utf8')
  const to = (name: string) => ({ server: config.server, ca, userAgent: `skiff-${name}`, clock })
  const measured = (options: HttpTransportOptions, told: MetricsRegistry) =>
    httpTransport(options, measuredExchanges(told, clock)(negotiatedExchange(options), config.server))
  const connect = (files: CertificateFiles, name: string, told?: MetricsRegistry): HttpTransport => {
    const options = { ...to(name), cert: readFileSync(files.cert, 'utf8'), key: readFileSync(files.key, 'utf8') }
    return told === undefined ? httpTransport(options) : measured(options, told)
  }

  let bootstrap: HttpTransport | undefined
  const certificates = createKubeletCertificates({
    nodeName: config.nodeName,
    folder: '/var/lib/kubelet/pki',
    authority: ca,
    bootstrapClient() {
      bootstrap ??= connect(config.pki.bootstrap, 'kubelet')
      return createClient(bootstrap)
    },
    nodeClient: () => createClient(transport),
    addresses: () => nodeAddresses(config.nodeName, [config.nodeIP]),
    clock,
    random: systemRandom,
    log: log.child({ component: 'kubelet' }),
    metrics: certificateMetrics,
  })
  const transport = measured({ ...to('kubelet'), clientCertificate: certificates.client }, metrics)
  // Needed again when a certificate has expired, after a long sleep.
  certificates.client.subscribe(() => {
    void bootstrap?.close()
    bootstrap = undefined
  })
  return {
    certificates,
    metrics,
    transport,
    connect,
    start: () => certificates.client.start(),
    serve: () => certificates.serving.start(),
    async stop() {
      await Promise.all([certificates.client.stop(), certificates.serving.stop()])
      await Promise.all([bootstrap?.close(), transport.close()])
    },
  }
}
