import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openServer, type Body } from '../../open-server.fixture.ts'
import type { Scale } from './scale-of.ts'

const path = '/apis/apps/v1/namespaces/default/deployments'
const deployment = {
  metadata: { name: 'a' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'a' } },
    template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'm', image: 'i' }] } },
  },
}
const scaleOf = (body: Body) => body as unknown as Scale
const merge = { contentType: 'application/merge-patch+json' }

test('a workload shows its scale, with its selector as text', async () => {
  await using open = await openServer()
  await open.call('POST', path, deployment)
  const { kind, apiVersion, spec, status, metadata } = scaleOf((await open.call('GET', `${path}/a/scale`)).body)
  assert.deepEqual([kind, apiVersion], ['Scale', 'autoscaling/v1'])
  assert.deepEqual([spec!.replicas, status!.replicas, status!.selector], [2, 0, 'app=a'])
  assert.ok(metadata.uid && metadata.resourceVersion)
})

test('its number is set by PUT and by patches, and counts as a change of spec', async () => {
  await using open = await openServer()
  await open.call('POST', path, deployment)
  const { body } = await open.call('GET', `${path}/a/scale`)
  const put = await open.call('PUT', `${path}/a/scale`, { ...body, spec: { replicas: 5 } })
  assert.deepEqual([put.status, scaleOf(put.body).spec!.replicas], [200, 5])
  const stale = await open.call('PUT', `${path}/a/scale`, { ...body, spec: { replicas: 6 } })
  assert.equal(stale.status, 409)
  const patched = await open.call('PATCH', `${path}/a/scale`, { spec: { replicas: 0 } }, merge)
  assert.equal(scaleOf(patched.body).spec?.replicas ?? 0, 0)
  const whole = (await open.call('GET', `${path}/a`)).body as unknown as {
    spec: { replicas: number }
    metadata: { generation: number }
  }
  assert.deepEqual([whole.spec.replicas, whole.metadata.generation], [0, 3])
  const refused = await open.call('PATCH', `${path}/a/scale`, { spec: { replicas: -1 } }, merge)
  assert.equal(refused.status, 422)
})

test('who scales manages the number of replicas from then on', async () => {
  await using open = await openServer()
  const contentType = 'application/apply-patch+yaml'
  const apply = { apiVersion: 'apps/v1', kind: 'Deployment', ...deployment }
  await open.call('PATCH', `${path}/a`, JSON.stringify(apply), { contentType, query: { fieldManager: 'owner' } })
  await open.call(
    'PATCH',
    `${path}/a/scale`,
    { spec: { replicas: 7 } },
    { ...merge, query: { fieldManager: 'scaler' } },
  )
  const { metadata } = (await open.call('GET', `${path}/a`)).body
  const entry = metadata.managedFields!.find(({ manager }) => manager === 'scaler')!
  assert.deepEqual([entry.subresource, entry.apiVersion], ['scale', 'apps/v1'])
  const conflict = await open.call('PATCH', `${path}/a`, JSON.stringify(apply), {
    contentType,
    query: { fieldManager: 'owner' },
  })
  assert.equal(conflict.status, 409)
  assert.match(
    (conflict.body as unknown as { message: string }).message,
    /conflict with "scaler" with subresource "scale".*: \.spec\.replicas/,
  )
})
