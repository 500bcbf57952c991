import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../api/types.generated.ts'
import { VirtualClock } from '../../machinery/clock.ts'
import { MetricsRegistry } from '../../machinery/metrics.ts'
import type { Kubelet } from '../kubelet.ts'
import { ProbeMetrics } from '../probes/probe-metrics.ts'
import { measuredRuntime } from '../runtimes/measured-runtime.ts'
import type { Runtime } from '../runtimes/runtime.ts'
import { cadvisorMetrics } from './cadvisor-metrics.ts'
import { addKubeletMetrics } from './kubelet-metrics.ts'

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))

test('what the runtime is asked is counted, and what it refuses', async () => {
  const clock = new VirtualClock(0)
  const registry = new MetricsRegistry()
  class Played {
    readonly name = 'played'
    #images = 2
    async listImages() {
      await clock.advance(30)
      return Array.from({ length: this.#images })
    }
    async pullImage() {
      throw new Error('no such image')
    }
  }
  const runtime = measuredRuntime(new Played() as unknown as Runtime, registry, clock)
  assert.equal(runtime.name, 'played')
  assert.equal((await runtime.listImages()).length, 2)
  await assert.rejects(runtime.pullImage({} as never, undefined, {} as never), /no such image/)
  const lines = linesOf(registry.text())
  for (const line of [
    'kubelet_runtime_operations_total{operation_type="list_images"} 1',
    'kubelet_runtime_operations_total{operation_type="pull_image"} 1',
    'kubelet_runtime_operations_errors_total{operation_type="pull_image"} 1',
    'kubelet_runtime_operations_duration_seconds_sum{operation_type="list_images"} 0.03',
  ])
    assert.ok(lines.includes(line), line)
})

test('a kubelet tells its name, its pods and its containers', async () => {
  const registry = new MetricsRegistry()
  const pods = [
    { metadata: { name: 'a' } },
    { metadata: { name: 'b', annotations: { 'kubernetes.io/config.source': 'file' } } },
  ]
  const kubelet = { nodeName: 'n1', pods: () => pods } as unknown as Kubelet
  const runtime = {
    listPodSandboxes: async () => [{}, {}],
    listContainers: async () => [{ state: 'running' }, { state: 'running' }, { state: 'exited' }],
  } as unknown as Runtime
  addKubeletMetrics(registry, kubelet, runtime)
  assert.deepEqual(linesOf(await registry.expose()), [
    'kubelet_desired_pods{static="true"} 1',
    'kubelet_desired_pods{static="false"} 1',
    'kubelet_node_name{node="n1"} 1',
    'kubelet_running_containers{container_state="running"} 2',
    'kubelet_running_containers{container_state="exited"} 1',
    'kubelet_running_pods 2',
  ])
})

test('what containers and networks use is told under cAdvisor’s names', () => {
  const labels = {
    'io.kubernetes.container.name': 'c',
    'io.kubernetes.pod.namespace': 'default',
    'io.kubernetes.pod.name': 'p',
  }
  const text = cadvisorMetrics(
    { cpuCount: 2, memoryBytes: 1000 },
    [
      {
        id: 'abc',
        metadata: { name: 'c', attempt: 0 },
        labels,
        cpu: { timestamp: 5000, usageCoreNanoseconds: 2_500_000_000 },
        memory: { timestamp: 5000, workingSetBytes: 7 },
      },
    ],
    [
      {
        id: 'sandbox',
        metadata: { name: 'p', namespace: 'default', uid: 'u', attempt: 0 },
        containers: [],
        network: { timestamp: 5000, defaultInterface: { name: 'eth0', rxBytes: 11 }, interfaces: [] },
      },
    ],
  )
  assert.deepEqual(linesOf(text), [
    'container_cpu_usage_seconds_total{container="c",cpu="total",id="abc",namespace="default",pod="p"} 2.5',
    'container_last_seen{container="c",id="abc",namespace="default",pod="p"} 5',
    'container_memory_working_set_bytes{container="c",id="abc",namespace="default",pod="p"} 7',
    'container_network_receive_bytes_total{interface="eth0",namespace="default",pod="p"} 11',
    'machine_cpu_cores 2',
    'machine_memory_bytes 1000',
  ])
})

test('probes are counted by what they found, until their pod is gone', () => {
  const registry = new MetricsRegistry()
  const metrics = new ProbeMetrics(registry)
  const pod = { metadata: { name: 'p', namespace: 'default', uid: 'u' } } as Pod
  metrics.probed(pod, 'c', 'liveness', { result: 'success', output: '' })
  metrics.probed(pod, 'c', 'liveness', { result: 'failure', output: '' })
  metrics.probed(pod, 'c', 'liveness', { result: 'failure', output: '' })
  const labels = 'namespace="default",pod="p",pod_uid="u",probe_type="Liveness"'
  assert.deepEqual(linesOf(registry.text()), [
    `prober_probe_total{container="c",${labels},result="successful"} 1`,
    `prober_probe_total{container="c",${labels},result="failed"} 2`,
  ])
  metrics.forget('u')
  assert.equal(registry.text(), '')
})
