import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configMaps } from '../../api/core/v1/config-map.ts'
import { namespaces } from '../../api/core/v1/namespace.ts'
import { pods } from '../../api/core/v1/pod.ts'
import { secrets } from '../../api/core/v1/secret.ts'
import { serviceAccounts } from '../../api/core/v1/service-account.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { rootCaController } from '../rootca/controller.ts'
import { startHarness } from '../runtime/harness.ts'
import { serveDiscovery } from '../runtime/serve-discovery.ts'
import { serviceAccountController } from '../serviceaccount/controller.ts'
import { namespaceController } from './controller.ts'

const start = () =>
  startHarness({
    controllers: [namespaceController, serviceAccountController, rootCaController],
    options: { rootCa: 'PEM' },
    prepare: (client) => {
      serveDiscovery(client, namespaces, pods, configMaps, secrets, serviceAccounts)
      client.seed(namespaces, {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'shop' },
        spec: { finalizers: ['kubernetes'] },
        status: { phase: 'Active' },
      } as KubeObject)
    },
  })
const metadata = (name: string, finalizers?: string[]) => ({ name, namespace: 'shop', finalizers })

test('a namespace gets its service account and the root certificate, and gets them back', async () => {
  const harness = start()
  const { client } = harness
  await harness.settle()
  assert.deepEqual(
    client.objects(serviceAccounts).map(({ metadata }) => metadata.name),
    ['default'],
  )
  const [ca] = client.objects(configMaps)
  assert.deepEqual([ca!.metadata.name, ca!.data], ['kube-root-ca.crt', { 'ca.crt': 'PEM' }])
  await client.delete(serviceAccounts, { namespace: 'shop', name: 'default' })
  await client.patch(configMaps, { namespace: 'shop', name: 'kube-root-ca.crt' }, 'merge', {
    data: { 'ca.crt': 'other' },
  })
  await harness.settle()
  assert.equal(client.objects(serviceAccounts).length, 1)
  assert.deepEqual(client.objects(configMaps)[0]!.data, { 'ca.crt': 'PEM' })
  await client.delete(configMaps, { namespace: 'shop', name: 'kube-root-ca.crt' })
  await harness.settle()
  assert.equal(client.objects(configMaps).length, 1)
  const writes = client.writes().length
  await harness.advance(60_000)
  assert.equal(client.writes().length, writes)
  await harness.stop()
})

test('a deleted namespace loses its pods first, then all else, then itself', async () => {
  const harness = start()
  const { client } = harness
  await harness.settle()
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metadata('p'),
    spec: { nodeName: 'n', terminationGracePeriodSeconds: 30 },
  }
  client.seed(pods, pod as KubeObject)
  client.seed(secrets, { apiVersion: 'v1', kind: 'Secret', metadata: metadata('s', ['x/hold']) } as KubeObject)
  await client.delete(namespaces, { name: 'shop' })
  await harness.advance(2000)
  const [namespace] = client.objects(namespaces)
  assert.equal(namespace!.status?.phase, 'Terminating')
  assert.deepEqual(
    namespace!.status?.conditions?.map(({ type, status, reason }) => `${type}=${status} ${reason}`),
    [
      'NamespaceDeletionDiscoveryFailure=False ResourcesDiscovered',
      'NamespaceDeletionGroupVersionParsingFailure=False ParsedGroupVersions',
      'NamespaceDeletionContentFailure=False ContentDeleted',
      'NamespaceContentRemaining=False ContentRemoved',
      'NamespaceFinalizersRemaining=False ContentHasNoFinalizers',
    ],
  )
  assert.ok(client.objects(pods)[0]!.metadata.deletionTimestamp)
  assert.equal(client.objects(configMaps).length, 1, 'the rest waits for the pod')

  await client.delete(pods, { namespace: 'shop', name: 'p' }, { gracePeriodSeconds: 0 })
  await harness.advance(100)
  assert.deepEqual(client.objects(configMaps), [])
  const remaining = client.objects(namespaces)[0]!.status?.conditions?.filter(({ status }) => status === 'True')
  assert.deepEqual(
    remaining?.map(({ message }) => message),
    [
      'Some resources are remaining: secrets. has 1 resource instances',
      'Some content in the namespace has finalizers remaining: x/hold in 1 resource instances',
    ],
  )
  await client.patch(secrets, { namespace: 'shop', name: 's' }, 'json', [
    { op: 'remove', path: '/metadata/finalizers' },
  ])
  await harness.advance(5000)
  assert.deepEqual(client.objects(namespaces), [])
  await harness.stop()
})
