import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leases } from '../../api/coordination/v1/lease.ts'
import type { Lease } from '../../api/types.generated.ts'
import { VirtualClock } from '../../machinery/clock.ts'
import { silentLogger } from '../../machinery/log.ts'
import { systemRandom } from '../../machinery/random.ts'
import { openServer } from '../open-server.fixture.ts'
import { enabledKinds } from '../options/enabled-kinds.ts'
import { identityLease } from './identity-lease.ts'
import { apiServerId } from './server-id.ts'
import { publishStorageVersions, storageVersionsOf } from './storage-version-writer.ts'

const everything = await enabledKinds({
  'runtime-config': ['api/all=true'],
  'feature-gates': ['AllAlpha=true', 'AllBeta=true'],
})

test('a server is called as upstream’s is on the same host', () => {
  assert.equal(apiServerId('vm'), 'apiserver-wlv32tlttr4jl3gtroqexyxapa')
})

test('a server has a lease while it runs, seldom renewed, and collects those of others that are gone', async () => {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1))
  await using open = await openServer({ clock })
  await open.call('POST', '/api/v1/namespaces', { metadata: { name: 'kube-system' } })
  const namespace = 'kube-system'
  const labels = { 'apiserver.kubernetes.io/identity': 'kube-apiserver' }
  const past = { holderIdentity: 'x', leaseDurationSeconds: 60, renewTime: '2025-12-31T23:00:00.000000Z' }
  for (const name of ['gone', 'other']) {
    const lease = { metadata: { name, namespace, ...(name === 'gone' && { labels }) }, spec: past }
    await open.client.create(leases, lease as unknown as Lease)
  }
  const id = apiServerId('host')
  const lease = identityLease({
    id,
    hostname: 'host',
    client: open.client,
    clock,
    random: systemRandom,
    log: silentLogger,
  })
  await lease.start()
  await clock.advance(1)
  const { metadata, spec } = await open.client.get(leases, { namespace, name: id })
  assert.deepEqual(metadata.labels, { ...labels, 'kubernetes.io/hostname': 'host' })
  assert.match(spec?.holderIdentity ?? '', new RegExp(`^${id}_`))
  const names = async () => (await open.client.list(leases, { namespace })).items.map((each) => each.metadata.name)
  assert.deepEqual(await names(), [id, 'other'])
  const before = await open.store.revision()
  await clock.advance(600_000)
  assert.equal(await open.store.revision(), before, 'ten minutes without a write')
  await clock.advance(1_200_000)
  assert.equal(await open.store.revision(), before + 1)
  await lease.stop()
  assert.deepEqual(await names(), ['other'])
})

test('storage versions say what is stored, read and served', async () => {
  const found = storageVersionsOf('me', everything.kinds)
  const of = (name: string) => {
    const { encodingVersion = '', decodableVersions = [], servedVersions = [] } = found.get(name) ?? {}
    return [encodingVersion, decodableVersions.length, servedVersions.length]
  }
  assert.deepEqual(of('core.pods'), ['v1', 1, 1])
  assert.deepEqual(of('resource.k8s.io.devicetaintrules'), ['resource.k8s.io/v1beta2', 3, 3])
  assert.deepEqual(of('scheduling.k8s.io.podgroups'), ['scheduling.k8s.io/v1beta1', 2, 2])
  assert.deepEqual(of('autoscaling.horizontalpodautoscalers'), ['autoscaling/v2', 2, 2])
  assert.equal(found.has('events.k8s.io.events'), false)
})

test('storage versions are written once, and stay as they are', async () => {
  await using open = await openServer(everything)
  const options = { id: 'me', served: open.server.resources, client: open.client, clock: new VirtualClock(0) }
  await publishStorageVersions({ ...options, log: silentLogger })
  const { body } = await open.call('GET', '/apis/internal.apiserver.k8s.io/v1alpha1/storageversions/apps.deployments')
  const status = body['status'] as unknown as { commonEncodingVersion: string; conditions: { status: string }[] }
  assert.deepEqual([status.commonEncodingVersion, status.conditions[0]?.status], ['apps/v1', 'True'])
  const before = await open.store.revision()
  await publishStorageVersions({ ...options, log: silentLogger })
  assert.equal(await open.store.revision(), before)
})
