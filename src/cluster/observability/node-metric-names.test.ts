import { test } from 'node:test'
import { createClient } from '../../client/create-client.ts'
import { measuredExchanges } from '../../client/http/measured-exchange.ts'
import type { Transport } from '../../client/transport.ts'
import { createInformerFactory } from '../../client/informer-factory.ts'
import { CertificateMetrics } from '../../kubelet/certificates/certificate-metrics.ts'
import type { Cgroups } from '../../kubelet/cgroups/cgroups.ts'
import { measuredCgroups } from '../../kubelet/cgroups/measured-cgroups.ts'
import { createSimulatedHost } from '../../kubelet/host/simulated-host.ts'
import { createKubelet } from '../../kubelet/kubelet.ts'
import { ProbeMetrics } from '../../kubelet/probes/probe-metrics.ts'
import { measuredRuntime } from '../../kubelet/runtimes/measured-runtime.ts'
import { createSimulatedRuntime } from '../../kubelet/runtimes/simulated/runtime.ts'
import { createKubeletAccess } from '../../kubelet/server/access.ts'
import { ServerMetrics } from '../../kubelet/server/server-metrics.ts'
import { cadvisorMetrics } from '../../kubelet/stats/cadvisor-metrics.ts'
import { addKubeletMetrics } from '../../kubelet/stats/kubelet-metrics.ts'
import { resourceMetrics } from '../../kubelet/stats/resource-metrics.ts'
import { VolumeMetrics } from '../../kubelet/volumes/volume-metrics.ts'
import { VirtualClock } from '../../machinery/clock.ts'
import { silentLogger } from '../../machinery/log.ts'
import { type MetricDescription, MetricsRegistry } from '../../machinery/metrics.ts'
import { addProcessMetrics, addStartTime } from '../../machinery/process-metrics.ts'
import { seededRandom } from '../../machinery/random.ts'
import { createProxier } from '../../proxy/proxier.ts'
import { buildInfo } from '../../apiserver/endpoints/version.ts'
import {
  absentOfCadvisor,
  absentOfKubelet,
  absentOfProbes,
  absentOfProxy,
  absentOfResources,
} from './absent-of-nodes.ts'
import { assertUpstreamNames } from './upstream-metrics.fixture.ts'

const clock = new VirtualClock()
const random = seededRandom(1)
const log = silentLogger
const nowhere = { request: () => new Promise(() => {}), watch: () => new Promise(() => {}) } as unknown as Transport
const client = createClient(nowhere)

function process(): MetricsRegistry {
  const metrics = new MetricsRegistry()
  addProcessMetrics(metrics, clock, buildInfo({ gitCommit: '', buildDate: '' }))
  measuredExchanges(metrics, clock)
  return metrics
}

test('a kubelet tells what upstream’s does, under its names, or it is explained why not', () => {
  const metrics = process()
  const runtime = measuredRuntime(createSimulatedRuntime({ clock, random }), metrics, clock)
  const kubelet = createKubelet({
    nodeName: 'n',
    client,
    runtime,
    clock,
    random,
    log,
    metrics,
    nodeIPs: ['10.0.0.1'],
    clusterDNS: [],
    clusterDomain: 'cluster.local',
    host: createSimulatedHost(),
  })
  addKubeletMetrics(metrics, kubelet, runtime)
  createKubeletAccess({ client, nodeName: 'n', clock, metrics })
  new ServerMetrics(metrics, clock)
  const certificate = { current: () => undefined }
  new CertificateMetrics(metrics, clock).follow(certificate, certificate)
  // What a real machine adds.
  measuredCgroups({ version: 2 } as Cgroups, metrics, clock)
  new VolumeMetrics(metrics, clock)
  assertUpstreamNames('kubelet', metrics.descriptions(), absentOfKubelet)
})

test('what containers use and what probes find are told under upstream’s names', () => {
  const machine = { cpuCount: 1, memoryBytes: 1, swapBytes: 0, bootId: '', machineId: '', systemUuid: '' }
  assertUpstreamNames('kubelet-cadvisor', cadvisorMetrics(machine, [], []).descriptions(), absentOfCadvisor)
  const probes = new MetricsRegistry()
  addStartTime(probes, clock)
  new ProbeMetrics(probes)
  assertUpstreamNames('kubelet-probes', probes.descriptions(), absentOfProbes)
})

test('what metrics-server reads is told under upstream’s names', () => {
  const labels = { 'io.kubernetes.container.name': 'c' }
  const cpu = { timestamp: 1, usageCoreNanoseconds: 1 }
  const memory = { timestamp: 1, workingSetBytes: 1 }
  const metadata = { name: 'p', namespace: 'n', uid: 'u', attempt: 0 }
  const text = resourceMetrics({
    node: { cpuCoreNanoseconds: 1, memoryWorkingSetBytes: 1, swapUsageBytes: 1, now: 1 },
    stats: [{ id: 'c', metadata, labels, cpu, memory }],
    containers: [{ id: 'c', createdAt: 1 }],
    pods: [{ id: 's', metadata, cpu, memory, containers: [] }],
  })
  const told = [...text.matchAll(/^# TYPE (\w+) (\w+)\n\w+(?:\{(.*?)\})? /gm)].map(
    ([, name = '', type, pairs = '']) => ({
      name,
      type: type as MetricDescription['type'],
      labelNames: [...pairs.matchAll(/(\w+)=/g)].map(([, label = '']) => label),
    }),
  )
  assertUpstreamNames('kubelet-resource', told, absentOfResources)
})

test('a proxy tells what upstream’s does, under its names, or it is explained why not', () => {
  const metrics = process()
  createProxier({
    informers: createInformerFactory({ client, clock, log }),
    mode: 'node',
    nodeName: 'n',
    nodeIps: ['10.0.0.1'],
    podCidrs: ['10.244.0.0/16'],
    serviceCidrs: ['10.96.0.0/16'],
    metrics,
    run: async () => ({ stdout: '', stderr: '' }),
    clock,
    log,
  })
  assertUpstreamNames('kube-proxy', metrics.descriptions(), absentOfProxy)
})
