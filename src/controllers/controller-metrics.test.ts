import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jobs } from '../api/batch/v1/job.ts'
import { cronJobs } from '../api/batch/v1/cron-job.ts'
import { namespaces } from '../api/core/v1/namespace.ts'
import { nodes } from '../api/core/v1/node.ts'
import { persistentVolumeClaims } from '../api/core/v1/persistent-volume-claim.ts'
import { pods } from '../api/core/v1/pod.ts'
import { services } from '../api/core/v1/service.ts'
import type { FakeClient } from '../client/fake/fake-client.ts'
import type { KubeObject } from '../machinery/meta/object.ts'
import { cronJobController } from './cronjob/controller.ts'
import { endpointSliceController } from './endpointslice/controller.ts'
import { nodeIpamController } from './nodeipam/controller.ts'
import { nodeLifecycleController } from './nodelifecycle/controller.ts'
import { persistentVolumeController } from './persistentvolume/controller.ts'
import { rootCaController } from './rootca/controller.ts'
import { type Harness, startHarness } from './runtime/harness.ts'
import { taintEvictionController } from './tainteviction/controller.ts'
import { ttlAfterFinishedController } from './ttlafterfinished/controller.ts'

type Metadata = KubeObject['metadata']

/** The value of a series; undefined: it is not told. */
function told(harness: Harness, series: string): number | undefined {
  const line = harness
    .told()
    .split('\n')
    .find((each) => each.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.split(' ').at(-1))
}

function put(client: FakeClient, ref: Parameters<FakeClient['seed']>[0], metadata: Metadata, more: object = {}): void {
  const apiVersion = ref.group === '' ? ref.version : `${ref.group}/${ref.version}`
  client.seed(ref, {
    apiVersion,
    kind: ref.kind,
    metadata: { uid: `uid-${metadata.name}`, ...metadata },
    ...more,
  } as KubeObject)
}

test('what is published for services is counted, and how it changes', async () => {
  const harness = startHarness({
    controllers: [endpointSliceController],
    prepare(client) {
      put(client, nodes, { name: 'n1' })
      const spec = { selector: { app: 'web' }, clusterIP: '10.96.0.1', ipFamilies: ['IPv4'], ports: [{ port: 80 }] }
      put(client, services, { name: 'web', namespace: 'a' }, { spec })
      for (const at of [1, 2]) {
        const status = { phase: 'Running', podIP: `10.0.0.${at}`, podIPs: [{ ip: `10.0.0.${at}` }] }
        const metadata = { name: `p${at}`, namespace: 'a', labels: { app: 'web' } }
        put(client, pods, metadata, { spec: { nodeName: 'n1', containers: [] }, status })
      }
    },
  })
  await harness.settle()
  const of = (what: string) => told(harness, `endpoint_slice_controller_${what}`)
  assert.equal(of('changes{operation="create"}'), 1)
  assert.equal(of('num_endpoint_slices'), 1)
  assert.equal(of('desired_endpoint_slices'), 1)
  assert.equal(of('endpoints_desired'), 2)
  assert.equal(of('endpoints_added_per_sync_sum'), 2)
  assert.equal(of('endpoints_removed_per_sync_sum'), 0)
  await harness.client.delete(pods, { namespace: 'a', name: 'p1' }, { gracePeriodSeconds: 0 })
  await harness.settle()
  assert.equal(of('changes{operation="update"}'), 1)
  assert.equal(of('endpoints_removed_per_sync_sum'), 1)
  assert.equal(of('endpoints_desired'), 1)
  assert.ok(of('syncs{result="success"}')! >= 2)
  await harness.stop()
})

test('how late a job is made, and how late one is deleted, is measured', async () => {
  const harness = startHarness({
    controllers: [cronJobController, ttlAfterFinishedController],
    prepare(client) {
      const jobTemplate = { spec: { template: { spec: { containers: [] } } } }
      const metadata = { name: 'tick', namespace: 'a', creationTimestamp: '2026-01-01T00:00:00Z' }
      put(client, cronJobs, metadata, { spec: { schedule: '* * * * *', jobTemplate } })
    },
  })
  await harness.advance(130_000)
  const skews = told(harness, 'cronjob_controller_job_creation_skew_duration_seconds_count')
  assert.equal(skews, harness.client.objects(jobs).length)
  assert.ok(skews! > 0)
  const lastTransitionTime = new Date(harness.clock.now()).toISOString()
  put(
    harness.client,
    jobs,
    { name: 'done', namespace: 'a' },
    {
      spec: { ttlSecondsAfterFinished: 10 },
      status: { conditions: [{ type: 'Complete', status: 'True', lastTransitionTime }] },
    },
  )
  await harness.advance(15_000)
  assert.equal(told(harness, 'ttl_after_finished_controller_job_deletion_duration_seconds_count'), 1)
  await harness.stop()
})

test('nodes are told by zone, with the networks that they got and the pods that had to leave them', async () => {
  const ready = (status: string) => ({ status: { conditions: [{ type: 'Ready', status }] } })
  const harness = startHarness({
    controllers: [nodeLifecycleController, nodeIpamController, taintEvictionController],
    options: { podCidrs: ['10.244.0.0/16'] },
    prepare(client) {
      put(client, nodes, { name: 'n1' }, ready('True'))
      put(client, nodes, { name: 'n2' }, ready('False'))
      const pod = { spec: { nodeName: 'n1', containers: [] }, status: { phase: 'Running' } }
      put(client, pods, { name: 'p', namespace: 'a' }, pod)
    },
  })
  await harness.settle()
  assert.equal(told(harness, 'node_collector_zone_size{zone=""}'), 2)
  assert.equal(told(harness, 'node_collector_unhealthy_nodes_in_zone{zone=""}'), 1)
  assert.equal(told(harness, 'node_collector_zone_health{zone=""}'), 50)
  assert.ok(told(harness, 'node_collector_update_node_health_duration_seconds_count')! >= 2)
  assert.equal(told(harness, 'node_ipam_controller_cidrset_cidrs_allocations_total{clusterCIDR="10.244.0.0/16"}'), 2)
  assert.equal(told(harness, 'node_ipam_controller_cirdset_max_cidrs{clusterCIDR="10.244.0.0/16"}'), 256)
  assert.equal(told(harness, 'node_ipam_controller_cidrset_usage_cidrs{clusterCIDR="10.244.0.0/16"}'), 2 / 256)
  assert.equal(told(harness, 'taint_eviction_controller_pod_deletions_total'), 0)
  await harness.client.patch(nodes, { name: 'n1' }, 'merge', { spec: { taints: [{ key: 'x', effect: 'NoExecute' }] } })
  await harness.settle()
  assert.equal(told(harness, 'taint_eviction_controller_pod_deletions_total'), 1)
  assert.equal(told(harness, 'taint_eviction_controller_pod_deletion_duration_seconds_count'), 1)
  await harness.stop()
})

test('claims are told as they are, and syncs of trust by the code that they came to', async () => {
  const harness = startHarness({
    controllers: [persistentVolumeController, rootCaController],
    options: { rootCa: 'PEM' },
    prepare(client) {
      const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: '' }
      put(client, persistentVolumeClaims, { name: 'c', namespace: 'a' }, { spec, status: { phase: 'Pending' } })
      put(client, namespaces, { name: 'a' }, { status: { phase: 'Active' } })
    },
  })
  await harness.settle()
  const claim = '{namespace="a",storage_class="",volume_attributes_class=""}'
  assert.equal(told(harness, `pv_collector_unbound_pvc_count${claim}`), 1)
  assert.equal(told(harness, `pv_collector_bound_pvc_count${claim}`), undefined)
  assert.equal(told(harness, 'root_ca_cert_publisher_sync_total{code="200"}'), 1)
  await harness.stop()
})
