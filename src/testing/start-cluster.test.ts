import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClient } from '../client/create-client.ts'
import { kubeconfigTransport } from '../client/http/kubeconfig.ts'
import { systemClock } from '../machinery/clock.ts'
import { isReason } from '../machinery/errors.ts'
import { deployments, namespaces, nodes, pods, refOf, services, startCluster } from './index.ts'

const web = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
`
const key = { namespace: 'default', name: 'web' }

test('a test has a cluster that runs what it applies', async () => {
  await using cluster = await startCluster({ nodes: 2 })
  const applied = await cluster.apply(web)
  assert.deepEqual(
    applied.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    ['Deployment web', 'Service web'],
  )
  const ready = await cluster.until(deployments, key, (one) => one?.status?.readyReplicas === 3)
  assert.equal(ready?.metadata.generation, 1)
  const where = (await cluster.client.list(pods, { namespace: 'default' })).items.map(({ spec }) => spec.nodeName)
  assert.deepEqual([...new Set(where)].toSorted(), ['node1', 'node2'])
  await cluster.client.delete(services, key)
  assert.equal(await cluster.until(services, key, (one) => one === undefined), undefined)
})

test('any client reaches it by its kubeconfig; who shows no certificate is refused', async () => {
  await using cluster = await startCluster({ nodes: 0 })
  const transport = kubeconfigTransport(cluster.kubeconfig, { userAgent: 'test', clock: systemClock })
  try {
    const client = createClient(transport)
    assert.deepEqual(
      (await client.list(namespaces)).items.map(({ metadata }) => metadata.name),
      ['default', 'kube-node-lease', 'kube-public', 'kube-system'],
    )
    assert.deepEqual((await client.list(nodes)).items, [])
  } finally {
    await transport.close()
  }
  const anonymous = kubeconfigTransport(cluster.kubeconfig.replace(/client-(certificate|key)-data: .*/g, ''), {
    userAgent: 'test',
    clock: systemClock,
  })
  try {
    await assert.rejects(createClient(anonymous).list(namespaces), (error) => isReason(error, 'Forbidden'))
  } finally {
    await anonymous.close()
  }
})

test('custom resources are applied by the same door, and what is not served is named', async () => {
  await using cluster = await startCluster({ nodes: 0 })
  const schema = { type: 'object', properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } } }
  await cluster.apply([
    {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'boats.example.org' },
      spec: {
        group: 'example.org',
        scope: 'Namespaced',
        names: { plural: 'boats', kind: 'Boat' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      },
    } as never,
  ])
  const definitions = await refOf(cluster.client, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {},
  })
  type Definition = { status?: { conditions?: { type: string; status: string }[] } }
  await cluster.until(definitions, { name: 'boats.example.org' }, (one) =>
    Boolean(
      (one as Definition | undefined)?.status?.conditions?.some(
        ({ type, status }) => type === 'Established' && status === 'True',
      ),
    ),
  )
  const [boat] = await cluster.apply('{apiVersion: example.org/v1, kind: Boat, metadata: {name: one}, spec: {size: 3}}')
  assert.equal(boat?.metadata.namespace, 'default')
  await assert.rejects(
    cluster.apply('{apiVersion: example.org/v1, kind: Ship, metadata: {name: one}}'),
    /^Error: the cluster serves no Ship of example.org\/v1$/,
  )
})

test('clusters of one process are apart, and one that is not as wanted in time is shown', async () => {
  await using one = await startCluster({ nodes: 0 })
  await using two = await startCluster({ nodes: 0 })
  await one.apply(web)
  await assert.rejects(
    two.until(deployments, key, (object) => object !== undefined, { timeoutMs: 50 }),
    /^Error: Deployment default\/web is not as wanted after 50 ms; it is undefined$/,
  )
})
