import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pods } from '../../api/core/v1/pod.ts'
import type { Pod } from '../../api/types.generated.ts'
import { fakeClient } from '../../client/fake/fake-client.ts'
import { VirtualClock } from '../../machinery/clock.ts'
import { silentLogger } from '../../machinery/log.ts'
import { MetricsRegistry } from '../../machinery/metrics.ts'
import { seededRandom } from '../../machinery/random.ts'
import type { CertificateManager } from '../certificates/certificate-manager.ts'
import { CertificateMetrics } from '../certificates/certificate-metrics.ts'
import type { Cgroups } from '../cgroups/cgroups.ts'
import { measuredCgroups } from '../cgroups/measured-cgroups.ts'
import { createSimulatedHost } from '../host/simulated-host.ts'
import { createKubelet } from '../kubelet.ts'
import type { SimulatedProgram } from '../runtimes/simulated/program.ts'
import { createSimulatedRuntime } from '../runtimes/simulated/runtime.ts'
import { ServerMetrics } from '../server/server-metrics.ts'
import { VolumeMetrics } from '../volumes/volume-metrics.ts'

const valueIn = (metrics: MetricsRegistry) => (series: string) =>
  Number(
    metrics
      .text()
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.split(' ')
      .at(-1),
  )

test('what pods take to start, run and end is told', async (t) => {
  const clock = new VirtualClock()
  const random = seededRandom(7)
  const client = fakeClient({ clock })
  const metrics = new MetricsRegistry()
  const program: SimulatedProgram = {
    async run({ sleep }) {
      await sleep(3000)
      return 2
    },
  }
  const runtime = createSimulatedRuntime({ clock, random, program: () => program })
  const kubelet = createKubelet({
    nodeName: 'node',
    client,
    runtime,
    metrics,
    host: createSimulatedHost(),
    clock,
    random,
    log: silentLogger,
    nodeIPs: ['198.18.0.1'],
    clusterDNS: [],
    clusterDomain: 'cluster.local',
  })
  await kubelet.start()
  t.after(() => kubelet.stop())
  await clock.advance(1000)
  await client.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default' },
    spec: { nodeName: 'node', restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] },
    status: {},
  } as Pod)
  await clock.advance(20_000)
  const value = valueIn(metrics)
  assert.equal(value('kubelet_started_pods_total'), 1)
  assert.equal(value('kubelet_run_podsandbox_duration_seconds_count{runtime_handler=""}'), 1)
  assert.equal(value('kubelet_started_containers_total{container_type="container"}'), 1)
  assert.equal(value('kubelet_terminated_containers_total{container_type="container",exit_code="2",reason="Error"}'), 1)
  assert.equal(value('kubelet_containers_per_pod_count_count'), 1)
  assert.equal(value('kubelet_pod_worker_start_duration_seconds_count'), 1)
  assert.ok(value('kubelet_pod_worker_duration_seconds_count{operation_type="create"}') === 1)
  assert.ok(value('kubelet_pod_worker_duration_seconds_count{operation_type="sync"}') >= 1)
  for (const name of [
    'pod_start_duration_seconds',
    'pod_start_sli_duration_seconds',
    'pod_start_total_duration_seconds',
  ])
    assert.equal(value(`kubelet_${name}_count`), 1, name)
  assert.ok(
    value('kubelet_pod_start_sli_duration_seconds_sum') <= value('kubelet_pod_start_total_duration_seconds_sum'),
  )
  assert.ok(value('kubelet_first_network_pod_start_sli_duration_seconds') >= 0)
  assert.ok(value('kubelet_pod_status_sync_duration_seconds_count') >= 2)
  assert.ok(value('kubelet_pleg_relist_duration_seconds_count') >= 1)
  assert.ok(value('kubelet_pleg_last_seen_seconds') > 0)
  assert.ok(value('kubelet_node_startup_registration_duration_seconds') >= 0)
  assert.ok(value('kubelet_node_startup_post_registration_duration_seconds') >= 0)
  const ensured = metrics.text().match(/^kubelet_image_manager_ensure_image_requests_total\{.*\} 1$/m)
  assert.ok(ensured, 'the image was asked for')
})

test('operations on volumes and control groups are timed by what came of them', async () => {
  const clock = new VirtualClock()
  const metrics = new MetricsRegistry()
  const volumes = new VolumeMetrics(metrics, clock)
  await volumes.measured('kubernetes.io~empty-dir', 'volume_mount', () => clock.advance(200))
  const failing = volumes.measured('kubernetes.io~secret', 'volume_mount', () => Promise.reject(new Error('no')))
  await assert.rejects(failing, /no/)
  const noop = async () => {}
  const cgroups = measuredCgroups({ version: 2, ensure: noop, remove: noop } as unknown as Cgroups, metrics, clock)
  const pod = { metadata: { uid: 'u' } } as Pod
  await cgroups.ensure(pod)
  await cgroups.ensure(pod)
  await cgroups.remove('u')
  const value = valueIn(metrics)
  const operation = (plugin: string, status: string) =>
    value(
      `storage_operation_duration_seconds_count{migrated="false",operation_name="volume_mount",status="${status}",volume_plugin="kubernetes.io/${plugin}"}`,
    )
  assert.equal(operation('empty-dir', 'success'), 1)
  assert.equal(operation('secret', 'fail-unknown'), 1)
  const total = 'operation_name="overall_volume_mount",plugin_name="kubernetes.io/empty-dir"'
  assert.equal(value(`volume_operation_total_seconds_sum{${total}}`), 0.2)
  assert.equal(value('kubelet_cgroup_manager_duration_seconds_count{operation_type="create"}'), 1)
  assert.equal(value('kubelet_cgroup_manager_duration_seconds_count{operation_type="destroy"}'), 1)
  assert.equal(value('kubelet_cgroup_version'), 2)
})

test('certificates are told by how long they hold, and requests by their path', async () => {
  const clock = new VirtualClock()
  const metrics = new MetricsRegistry()
  const certificates = new CertificateMetrics(metrics, clock)
  const holding = { current: () => ({ certificate: { notAfter: clock.now() + 90_000 } }) }
  certificates.follow(holding as unknown as CertificateManager, { current: () => undefined })
  certificates.client.renewFailed()
  certificates.serving.rotated(7200)
  const server = new ServerMetrics(metrics, clock)
  const over = server.began('GET', 'exec')
  const value = valueIn(metrics)
  const exec = '{long_running="true",method="GET",path="exec",server_type="readwrite"}'
  assert.equal(value(`kubelet_http_inflight_requests${exec}`), 1)
  await clock.advance(500)
  over()
  assert.equal(value(`kubelet_http_inflight_requests${exec}`), 0)
  assert.equal(value(`kubelet_http_requests_total${exec}`), 1)
  assert.equal(value(`kubelet_http_requests_duration_seconds_sum${exec}`), 0.5)
  assert.equal(value('kubelet_certificate_manager_client_ttl_seconds'), 90)
  assert.match(metrics.text(), /^kubelet_certificate_manager_server_ttl_seconds \+Inf$/m)
  assert.equal(value('kubelet_certificate_manager_client_expiration_renew_errors'), 1)
  assert.equal(value('kubelet_certificate_manager_server_rotation_seconds_count'), 1)
})
