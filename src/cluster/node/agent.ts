import { mkdirSync, readFileSync } from 'node:fs'
import { buildInfo } from '../../apiserver/endpoints/version.ts'
import { createClient } from '../../client/create-client.ts'
import { createInformerFactory } from '../../client/informer-factory.ts'
import { createDnsServer } from '../../dns/dns-server.ts'
import { createLocalVolumeKeeper } from '../../kubelet/local-volumes/keeper.ts'
import { createKubelet } from '../../kubelet/kubelet.ts'
import { createCriRuntime } from '../../kubelet/runtimes/cri/runtime.ts'
import { measuredRuntime } from '../../kubelet/runtimes/measured-runtime.ts'
import { createKubeletAccess } from '../../kubelet/server/access.ts'
import { createKubeletServerHost } from '../../kubelet/server/kubelet-host.ts'
import { createKubeletServer } from '../../kubelet/server/server.ts'
import { ServerMetrics } from '../../kubelet/server/server-metrics.ts'
import { systemClock } from '../../machinery/clock.ts'
import { runCommand } from '../../machinery/command.ts'
import type { Component } from '../../machinery/component.ts'
import type { Logger } from '../../machinery/log.ts'
import { MetricsRegistry } from '../../machinery/metrics.ts'
import { addProcessMetrics } from '../../machinery/process-metrics.ts'
import { systemRandom } from '../../machinery/random.ts'
import { createNodeNetwork } from '../../network/node-network.ts'
import { createProxier } from '../../proxy/proxier.ts'
import { localVolumeFolder } from '../local-volumes.ts'
import type { AgentConfig } from './agent-config.ts'
import type { AgentIdentity } from './agent-identity.ts'

const clock = systemClock
const random = systemRandom

/**
 * The parts of a node in one process, inside its machine: kubelet and its server, proxy, DNS, routes. Each group speaks
 * with its own identity: the kubelet as the node, the others as system:kube-proxy, which may read what they need.
 */
export function createNodeAgent(config: AgentConfig, identity: AgentIdentity, log: Logger): Component {
  const { certificates, transport: kubeletTransport, connect } = identity
  const ca = readFileSync(config.pki.ca, 'utf8')
  const kubeletClient = createClient(kubeletTransport)
  const kubeletLog = log.child({ component: 'kubelet' })
  const kubeletInformers = createInformerFactory({ client: kubeletClient, clock, log: kubeletLog })
  const { metrics } = identity
  const probeMetrics = new MetricsRegistry()
  const build = buildInfo({ gitCommit: '', buildDate: '' })
  addProcessMetrics(metrics, clock, build)
  const runtime = measuredRuntime(createCriRuntime({ socketPath: config.containerdSocket }), metrics, clock)
  const kubelet = createKubelet({
    nodeName: config.nodeName,
    client: kubeletClient,
    informers: kubeletInformers,
    runtime,
    clock,
    random,
    log: kubeletLog,
    metrics,
    probeMetrics,
    nodeIPs: [config.nodeIP],
    clusterDNS: [config.clusterDNS],
    clusterDomain: config.clusterDomain,
    cgroupRoot: config.cgroupRoot,
    // What is collected cannot be pulled again where there is no registry.
    imageGc: { highPercent: 100, lowPercent: 99 },
  })
  const server = createKubeletServer({
    host: createKubeletServerHost({
      kubelet,
      runtime,
      metrics,
      probeMetrics,
      rootDir: '/var/lib/kubelet',
      clock,
      configuration: {
        kind: 'KubeletConfiguration',
        apiVersion: 'kubelet.config.k8s.io/v1beta1',
        clusterDNS: [config.clusterDNS],
        clusterDomain: config.clusterDomain,
        cgroupRoot: config.cgroupRoot,
        containerRuntimeEndpoint: `unix://${config.containerdSocket}`,
        port: 10250,
        maxPods: 110,
      },
    }),
    metrics: new ServerMetrics(metrics, clock),
    access: createKubeletAccess({ client: kubeletClient, nodeName: config.nodeName, clock, metrics }),
    tls: { clientCa: ca, serving: certificates.serving },
    listen: { address: config.nodeIP, port: 10250 },
    clock,
    log: kubeletLog,
  })

  const proxyMetrics = new MetricsRegistry()
  addProcessMetrics(proxyMetrics, clock, build)
  const proxyTransport = connect(config.pki.proxy, 'proxy', proxyMetrics)
  const proxyLog = log.child({ component: 'proxy' })
  const informers = createInformerFactory({ client: createClient(proxyTransport), clock, log: proxyLog })
  const volumeTransport = connect(config.pki.localVolumes, 'local-volumes')
  const volumeLog = log.child({ component: 'local-volumes' })
  const volumeInformers = createInformerFactory({ client: createClient(volumeTransport), clock, log: volumeLog })

  const clusterCidrs = [...config.podCidrs, ...config.serviceCidrs, ...config.nodeCidrs]
  const components: Component[] = [
    createNodeNetwork({
      informers,
      nodeName: config.nodeName,
      link: 'eth0',
      clusterCidrs,
      mtu: config.mtu,
      run: runCommand,
      clock,
      log: log.child({ component: 'network' }),
    }),
    server,
    kubelet,
    createLocalVolumeKeeper({
      informers: volumeInformers,
      hostname: config.nodeName,
      folder: localVolumeFolder,
      clock,
      log: volumeLog,
    }),
    createProxier({
      informers,
      mode: 'node',
      nodeName: config.nodeName,
      nodeIps: [config.nodeIP],
      podCidrs: config.podCidrs,
      serviceCidrs: config.serviceCidrs,
      metrics: proxyMetrics,
      metricsPort: 10249,
      run: runCommand,
      clock,
      log: proxyLog,
    }),
    createDnsServer({
      informers,
      clusterDomain: config.clusterDomain,
      listen: [{ address: config.nodeIP, port: config.dnsPort }],
      forward: config.forward,
      clock,
      random,
      log: log.child({ component: 'dns' }),
    }),
  ]
  return {
    name: 'node-agent',
    async start() {
      mkdirSync('/etc/cni/net.d', { recursive: true })
      await Promise.all(components.map((component) => component.start()))
    },
    async stop() {
      await Promise.all(components.map((component) => component.stop()))
      await Promise.all([kubeletInformers.stop(), informers.stop(), volumeInformers.stop()])
      await Promise.all([proxyTransport.close(), volumeTransport.close(), runtime.close()])
    },
  }
}
