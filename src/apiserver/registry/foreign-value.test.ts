import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deployments } from '../../api/apps/v1/deployment.ts'
import { encodeProtobuf } from '../../machinery/codec/protobuf/envelope.ts'
import { normalize } from '../../machinery/schema/normalize.ts'
import { openServer } from '../open-server.fixture.ts'
import { enabledKinds } from '../options/enabled-kinds.ts'

test('objects that kube-apiserver stored as protobuf are read, changed and watched like our own', async () => {
  await using open = await openServer()
  const spec = {
    replicas: 2,
    selector: { matchLabels: { app: 'a' } },
    template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'm', image: 'i' }] } },
  }
  const metadata = {
    name: 'a',
    namespace: 'default',
    uid: 'u',
    creationTimestamp: '2026-01-01T00:00:00Z',
    generation: 1,
  }
  const object = { kind: 'Deployment', apiVersion: 'apps/v1', metadata, spec }
  const value = encodeProtobuf(normalize(deployments.schema, object) as Record<string, unknown>, deployments.schema)
  const key = '/registry/deployments/default/a'
  await open.store.transact({ compares: [], operations: [{ type: 'put', key, value }] })
  const path = '/apis/apps/v1/namespaces/default/deployments'
  const { body } = await open.call('GET', path)
  assert.deepEqual(
    body.items.map((item) => [
      item.metadata.name,
      item.metadata.uid,
      (item as unknown as { spec: { replicas: number } }).spec.replicas,
    ]),
    [['a', 'u', 2]],
  )
  const patch = { spec: { replicas: 3 } }
  const changed = await open.call('PATCH', `${path}/a`, patch, { contentType: 'application/merge-patch+json' })
  assert.deepEqual([changed.status, changed.body.metadata.generation], [200, 2])
  const { entry } = await open.store.get(key)
  assert.match(
    Buffer.from(entry!.value).toString(),
    /^\{"kind":"Deployment","apiVersion":"apps\/v1","metadata":\{"name":"a"/,
  )
})

test('objects that kube-apiserver stored as JSON get the defaults that their readers add, and older versions their new name', async () => {
  await using open = await openServer()
  const metadata = { name: 'a', namespace: 'default', uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z' }
  const claim = { kind: 'PersistentVolumeClaim', apiVersion: 'v1', metadata, spec: {}, status: {} }
  const bundle = {
    kind: 'ClusterTrustBundle',
    apiVersion: 'certificates.k8s.io/v1beta1',
    metadata: { ...metadata, namespace: undefined },
    spec: { trustBundle: 'x' },
  }
  const stored = (key: string, object: object) =>
    ({ type: 'put', key, value: Buffer.from(`${JSON.stringify(object)}\n`) }) as const
  await open.store.transact({
    compares: [],
    operations: [
      stored('/registry/persistentvolumeclaims/default/a', claim),
      stored('/registry/clustertrustbundles/a', bundle),
    ],
  })
  const read = await open.call('GET', '/api/v1/namespaces/default/persistentvolumeclaims/a')
  assert.deepEqual((read.body as object as { status: object }).status, { phase: 'Pending' })
  const named = await open.call('GET', '/apis/certificates.k8s.io/v1/clustertrustbundles/a')
  assert.equal(named.body.apiVersion, 'certificates.k8s.io/v1')
})

test('objects that an older kube-apiserver stored in a version of that time are read where the version is turned on', async () => {
  const everything = await enabledKinds({ 'runtime-config': ['resource.k8s.io/v1beta1=true'] })
  const { schema } = everything.kinds.find(({ version, kind }) => version === 'v1beta1' && kind === 'ResourceClaim')!
  const claim = (name: string) => ({
    kind: 'ResourceClaim',
    apiVersion: 'resource.k8s.io/v1beta1',
    metadata: { name, namespace: 'default', uid: name, creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { devices: { requests: [{ name: 'one', deviceClassName: 'gpu' }] } },
    status: {},
  })
  await using open = await openServer(everything)
  const values = {
    json: Buffer.from(`${JSON.stringify(claim('json'))}\n`),
    protobuf: encodeProtobuf(normalize(schema, claim('protobuf')) as Record<string, unknown>, schema),
  }
  for (const [name, value] of Object.entries(values)) {
    const key = `/registry/resourceclaims/default/${name}`
    await open.store.transact({ compares: [], operations: [{ type: 'put', key, value }] })
    const { body } = await open.call('GET', `/apis/resource.k8s.io/v1/namespaces/default/resourceclaims/${name}`)
    const exactly = { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 }
    assert.deepEqual(body['spec'], { devices: { requests: [{ name: 'one', exactly }] } })
  }
})
