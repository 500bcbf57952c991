import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Pod } from '../../api/types.generated.ts'
import { VirtualClock } from '../../machinery/clock.ts'
import { MetricsRegistry } from '../../machinery/metrics.ts'
import type { Kubelet } from '../kubelet.ts'
import { ProbeMetrics } from '../probes/probe-metrics.ts'
import { measuredRuntime } from '../runtimes/measured-runtime.ts'
import type { Runtime } from '../runtimes/runtime.ts'
import { cadvisorMetrics } from './cadvisor-metrics.ts'
import { containerCgroup } from './container-cgroup.ts'
import { addKubeletMetrics } from './kubelet-metrics.ts'
import { parseInterfaces } from './pod-network.ts'
import { resourceMetrics } from './resource-metrics.ts'

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
  const volumes = [
    { name: 'data', persistentVolumeClaim: { claimName: 'c' } },
    { name: 'tmp', emptyDir: {} },
  ]
  const pods = [
    { metadata: { name: 'a', namespace: 'default', uid: 'a' }, spec: { containers: [{ name: 'main' }], volumes } },
    {
      metadata: { name: 'b', uid: 'b', annotations: { 'kubernetes.io/config.source': 'file' } },
      spec: { containers: [] },
    },
  ]
  const phases = ['running', 'ending']
  const kubelet = {
    nodeName: 'n1',
    pods: () => pods,
    workers: () => pods.map((pod, at) => ({ pod, phase: phases[at], wanted: true })),
    mirrorPods: () => 1,
    volumePath: (_: string, name: string) => (name === 'data' ? '/' : undefined),
    logDirectory: () => '/nowhere',
  } as unknown as Kubelet
  const runtime = {
    listPodSandboxes: async () => [{}, {}],
    listContainers: async () => [{ state: 'running' }, { state: 'running' }, { state: 'exited' }],
  } as unknown as Runtime
  addKubeletMetrics(registry, kubelet, runtime)
  const lines = linesOf(await registry.expose())
  for (const line of [
    'kubelet_desired_pods{static="true"} 1',
    'kubelet_desired_pods{static=""} 1',
    'kubelet_active_pods{static="true"} 0',
    'kubelet_active_pods{static=""} 1',
    'kubelet_working_pods{config="desired",lifecycle="sync",static=""} 1',
    'kubelet_working_pods{config="desired",lifecycle="terminating",static="true"} 1',
    'kubelet_working_pods{config="orphan",lifecycle="terminated",static=""} 0',
    'kubelet_mirror_pods 1',
    'kubelet_node_name{node="n1"} 1',
    'kubelet_running_containers{container_state="running"} 2',
    'kubelet_running_containers{container_state="exited"} 1',
    'kubelet_running_pods 2',
    'volume_manager_total_volumes{plugin_name="kubernetes.io/empty-dir",state="desired_state_of_world"} 1',
    'volume_manager_total_volumes{plugin_name="kubernetes.io/local-volume",state="actual_state_of_world"} 1',
    'kubelet_container_log_filesystem_used_bytes{container="main",namespace="default",pod="a",uid="a"} 0',
  ])
    assert.ok(lines.includes(line), line)
  const claim = '{namespace="default",persistentvolumeclaim="c"}'
  const valueOf = (name: string) =>
    Number(
      lines
        .find((line) => line.startsWith(`kubelet_volume_stats_${name}${claim} `))
        ?.split(' ')
        .at(-1),
    )
  assert.ok(valueOf('capacity_bytes') > 0)
  assert.ok(valueOf('used_bytes') + valueOf('available_bytes') <= valueOf('capacity_bytes'))
  assert.equal(valueOf('inodes'), valueOf('inodes_free') + valueOf('inodes_used'))
})

const machine = { cpuCount: 2, memoryBytes: 1000, swapBytes: 0, bootId: 'b', machineId: 'm', systemUuid: 's' }

test('what containers and networks use is told under cAdvisor’s names', async () => {
  const root = mkdtempSync(join(tmpdir(), 'skiff-cgroup-'))
  const group = (controller: string, file: string, text: string) => {
    mkdirSync(join(root, controller, 'kubepods/podu/abc'), { recursive: true })
    writeFileSync(join(root, controller, 'kubepods/podu/abc', file), text)
  }
  group('cpu', 'cpu.stat', 'nr_periods 10\nnr_throttled 3\nthrottled_time 1500000000\n')
  group('cpu', 'cpu.cfs_quota_us', '50000\n')
  group('memory', 'memory.stat', 'total_cache 4096\ntotal_pgfault 8\n')
  group('memory', 'memory.limit_in_bytes', '104857600\n')
  group('blkio', 'blkio.throttle.io_serviced', '999:9 Read 5\n999:9 Write 6\n999:9 Total 11\nTotal 11\n')
  group('blkio', 'blkio.throttle.io_service_bytes', '999:9 Read 500\n')
  const cgroup = await containerCgroup(1, '/kubepods/podu/abc', root)
  rmSync(root, { recursive: true })
  const labels = {
    'io.kubernetes.container.name': 'c',
    'io.kubernetes.pod.namespace': 'default',
    'io.kubernetes.pod.name': 'p',
  }
  const stats = {
    id: 'abc',
    metadata: { name: 'c', attempt: 0 },
    labels,
    cpu: { timestamp: 5000, usageCoreNanoseconds: 2_500_000_000 },
    memory: { timestamp: 5000, workingSetBytes: 7 },
  }
  const interfaces = parseInterfaces(
    'title\ntitle\n  lo: 1 1 1 1 0 0 0 0 1 1 1 1\n  eth0: 11 2 0 1 0 0 0 0 12 3 0 0 0 0 0 0\n',
  )
  const network = { namespace: 'default', name: 'p', sandboxId: 'sandbox', path: '/kubepods/podu/sandbox', interfaces }
  const use = { stats, image: 'web:1', path: '/kubepods/podu/abc', createdAt: 3000, cgroup }
  const lines = linesOf(cadvisorMetrics(machine, [use], [network]).text())
  const of = 'id="/kubepods/podu/abc",image="web:1",name="abc",namespace="default",pod="p"'
  const pod = 'id="/kubepods/podu/sandbox",image="",interface="eth0",name="sandbox",namespace="default",pod="p"'
  for (const line of [
    `container_cpu_usage_seconds_total{container="c",cpu="total",${of}} 2.5`,
    `container_cpu_cfs_periods_total{container="c",${of}} 10`,
    `container_cpu_cfs_throttled_periods_total{container="c",${of}} 3`,
    `container_cpu_cfs_throttled_seconds_total{container="c",${of}} 1.5`,
    `container_spec_cpu_quota{container="c",${of}} 50000`,
    `container_memory_working_set_bytes{container="c",${of}} 7`,
    `container_memory_cache{container="c",${of}} 4096`,
    `container_spec_memory_limit_bytes{container="c",${of}} 104857600`,
    `container_fs_reads_total{container="c",device="999:9",${of}} 5`,
    `container_fs_reads_bytes_total{container="c",device="999:9",${of}} 500`,
    `container_fs_writes_total{container="c",device="999:9",${of}} 6`,
    `container_start_time_seconds{container="c",${of}} 3`,
    `container_last_seen{container="c",${of}} 5`,
    `container_network_receive_bytes_total{container="",${pod}} 11`,
    `container_network_receive_packets_dropped_total{container="",${pod}} 1`,
    `container_network_transmit_packets_total{container="",${pod}} 3`,
    'machine_cpu_cores{boot_id="b",machine_id="m",system_uuid="s"} 2',
  ])
    assert.ok(lines.includes(line), line)
})

test('control groups of version 2 tell the same', async () => {
  const root = mkdtempSync(join(tmpdir(), 'skiff-cgroup-'))
  mkdirSync(join(root, 'c'))
  const write = (file: string, text: string) => writeFileSync(join(root, 'c', file), text)
  write(
    'cpu.stat',
    'usage_usec 5\nuser_usec 2000000\nsystem_usec 1\nnr_periods 4\nnr_throttled 2\nthrottled_usec 500000\n',
  )
  write('cpu.max', 'max 100000\n')
  write('memory.stat', 'file 8192\n')
  write('memory.max', 'max\n')
  write('memory.events', 'low 0\nmax 3\noom 1\noom_kill 1\n')
  write('io.stat', '999:9 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0\n')
  write('pids.current', '7\n')
  const { cpu, memory, devices, threads } = await containerCgroup(2, '/c', root)
  rmSync(root, { recursive: true })
  assert.deepEqual([cpu.userSeconds, cpu.periods, cpu.throttledPeriods, cpu.throttledSeconds], [2, 4, 2, 0.5])
  assert.deepEqual([cpu.quota, cpu.period], [undefined, 100_000])
  assert.deepEqual([memory.cacheBytes, memory.limitBytes, memory.failures, memory.oomKills], [8192, undefined, 3, 1])
  assert.deepEqual(devices, [{ device: '999:9', reads: 1, readBytes: 10, writes: 2, writtenBytes: 20 }])
  assert.equal(threads, 7)
})

test('what metrics-server reads is told of containers, pods and the node', () => {
  const text = resourceMetrics({
    node: { cpuCoreNanoseconds: 3e9, memoryWorkingSetBytes: 5, swapUsageBytes: 0, now: 7000 },
    stats: [{ id: 'abc', metadata: { name: 'c', attempt: 0 }, labels: { 'io.kubernetes.container.name': 'c' } }],
    containers: [{ id: 'abc', createdAt: 2500 }],
    pods: [
      {
        id: 's',
        metadata: { name: 'p', namespace: 'default', uid: 'u', attempt: 0 },
        containers: [],
        cpu: { timestamp: 6000, usageCoreNanoseconds: 1e9 },
      },
    ],
  })
  assert.deepEqual(linesOf(text), [
    'container_start_time_seconds{container="c",namespace="",pod=""} 2.5',
    'node_cpu_usage_seconds_total 3 7000',
    'node_memory_working_set_bytes 5 7000',
    'node_swap_usage_bytes 0 7000',
    'pod_cpu_usage_seconds_total{namespace="default",pod="p"} 1 6000',
    'resource_scrape_error 0',
  ])
})

test('probes are counted by what they found, until their pod is gone', () => {
  const registry = new MetricsRegistry()
  const metrics = new ProbeMetrics(registry)
  const pod = { metadata: { name: 'p', namespace: 'default', uid: 'u' } } as Pod
  metrics.probed(pod, 'c', 'liveness', { result: 'success', output: '' }, 0.02)
  metrics.probed(pod, 'c', 'liveness', { result: 'failure', output: '' }, 0.02)
  metrics.probed(pod, 'c', 'liveness', { result: 'failure', output: '' }, 0.02)
  const labels = 'namespace="default",pod="p",pod_uid="u",probe_type="Liveness"'
  const counted = linesOf(registry.text()).filter((line) => line.startsWith('prober_probe_total'))
  assert.match(registry.text(), /^prober_probe_duration_seconds_count\{container="c",.*probe_type="Liveness"\} 3$/m)
  assert.deepEqual(counted, [
    `prober_probe_total{container="c",${labels},result="successful"} 1`,
    `prober_probe_total{container="c",${labels},result="failed"} 2`,
  ])
  metrics.forget('u')
  assert.equal(registry.text(), '')
})
