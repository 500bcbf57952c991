import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod, PodDisruptionBudget } from '../../../api/types.generated.ts'
import { openServer, pod, podsPath, type Body, type OpenServer } from '../../open-server.fixture.ts'

const merge = { contentType: 'application/merge-patch+json' }
const messageOf = (body: Body) => (body as unknown as { message: string }).message
const causesOf = (body: Body) =>
  (body as unknown as { details: { causes: { reason: string; message: string }[] } }).details.causes
const budgetsPath = '/apis/policy/v1/namespaces/default/poddisruptionbudgets'
const evict = (open: OpenServer, name: string, more: object = {}) =>
  open.call('POST', `${podsPath}/${name}/eviction`, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name },
    ...more,
  })

async function running(open: OpenServer, name: string, ready = true): Promise<void> {
  await open.call('POST', podsPath, pod(name, { labels: { app: 'a' } }, { nodeName: 'n1' }))
  const status = { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] }
  const { status: code } = await open.call('PATCH', `${podsPath}/${name}/status`, { status }, merge)
  assert.equal(code, 200)
}

async function budget(open: OpenServer, status: object): Promise<void> {
  const spec = { minAvailable: 1, selector: { matchLabels: { app: 'a' } } }
  await open.call('POST', budgetsPath, { metadata: { name: 'b' }, spec })
  await open.call('PATCH', `${budgetsPath}/b/status`, { status: { observedGeneration: 1, ...status } }, merge)
}

test('a binding puts a pod onto a node, once', async () => {
  await using open = await openServer()
  await open.call('POST', podsPath, pod('a'))
  const bind = (node: string, metadata: object = { name: 'a' }) =>
    open.call('POST', `${podsPath}/a/binding`, { metadata, target: { kind: 'Node', name: node } })
  const refused = await bind('n1', { name: 'a', uid: 'other' })
  assert.equal(refused.status, 409)
  const bound = await bind('n1', { name: 'a', annotations: { x: 'y' } })
  assert.deepEqual([bound.status, bound.body.kind], [201, 'Status'])
  const { spec, status, metadata } = (await open.call('GET', `${podsPath}/a`)).body as unknown as Pod
  assert.equal(spec!.nodeName, 'n1')
  assert.equal(metadata!.annotations!['x'], 'y')
  assert.equal(status!.conditions!.find(({ type }) => type === 'PodScheduled')!.status, 'True')
  const again = await bind('n2')
  assert.deepEqual(
    [again.status, messageOf(again.body)],
    [409, 'Operation cannot be fulfilled on pods/binding "a": pod a is already assigned to node "n1"'],
  )
  const nowhere = await open.call('POST', `${podsPath}/a/binding`, { metadata: { name: 'a' }, target: {} })
  assert.equal(nowhere.status, 500)
})

test('the old bindings resource does the same', async () => {
  await using open = await openServer()
  await open.call('POST', podsPath, pod('a'))
  const { status } = await open.call('POST', '/api/v1/namespaces/default/bindings', {
    metadata: { name: 'a' },
    target: { name: 'n1' },
  })
  assert.equal(status, 201)
  assert.equal(((await open.call('GET', `${podsPath}/a`)).body as unknown as Pod).spec!.nodeName, 'n1')
})

test('a pod without a budget is evicted, and learns why', async () => {
  await using open = await openServer()
  await running(open, 'a')
  assert.equal((await evict(open, 'a')).status, 201)
  const { metadata, status } = (await open.call('GET', `${podsPath}/a`)).body as unknown as Pod
  assert.ok(metadata!.deletionTimestamp)
  assert.equal(status!.conditions!.find(({ type }) => type === 'DisruptionTarget')!.reason, 'EvictionByEvictionAPI')
})

test('a budget lets go as many as it allows, and counts them', async () => {
  await using open = await openServer()
  for (const name of ['a', 'b']) await running(open, name)
  await budget(open, { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 })
  assert.equal((await evict(open, 'a')).status, 201)
  const { status } = (await open.call('GET', `${budgetsPath}/b`)).body as unknown as PodDisruptionBudget
  assert.equal(status!.disruptionsAllowed, 0)
  assert.deepEqual(Object.keys(status!.disruptedPods!), ['a'])
  const refused = await evict(open, 'b')
  assert.deepEqual(
    [refused.status, messageOf(refused.body)],
    [429, "Cannot evict pod as it would violate the pod's disruption budget."],
  )
  assert.equal(causesOf(refused.body)[0]!.reason, 'DisruptionBudget')
  assert.equal((await evict(open, 'b', { deleteOptions: { dryRun: ['All'] } })).status, 429)
})

test('a budget that is behind asks to come again', async () => {
  await using open = await openServer()
  await running(open, 'a')
  await budget(open, {
    observedGeneration: 0,
    disruptionsAllowed: 1,
    currentHealthy: 1,
    desiredHealthy: 1,
    expectedPods: 1,
  })
  const refused = await evict(open, 'a')
  assert.equal(refused.status, 429)
  assert.equal(causesOf(refused.body)[0]!.message, 'The disruption budget b is still being processed by the server.')
})

test('a pod that is not ready goes without a count where enough others are', async () => {
  await using open = await openServer()
  await running(open, 'a', false)
  await budget(open, { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 2 })
  assert.equal((await evict(open, 'a')).status, 201)
})

test('a pod that waits for its node needs no budget', async () => {
  await using open = await openServer()
  await open.call('POST', podsPath, pod('a', { labels: { app: 'a' } }))
  await budget(open, { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 1, expectedPods: 1 })
  assert.equal((await evict(open, 'a')).status, 201)
  assert.equal((await open.call('GET', `${podsPath}/a`)).status, 404)
})

test('ephemeral containers come only by their own path, and stay', async () => {
  await using open = await openServer()
  await open.call('POST', podsPath, pod('a'))
  const spec = { ephemeralContainers: [{ name: 'debug', image: 'busybox' }] }
  const strategic = { contentType: 'application/strategic-merge-patch+json' }
  assert.equal((await open.call('PATCH', `${podsPath}/a`, { spec }, strategic)).status, 422)
  const { status, body } = await open.call('PATCH', `${podsPath}/a/ephemeralcontainers`, { spec }, strategic)
  assert.deepEqual([status, body.kind], [200, 'Pod'])
  const shown = (await open.call('GET', `${podsPath}/a/ephemeralcontainers`)).body as unknown as Pod
  const [debug] = shown.spec!.ephemeralContainers!
  assert.deepEqual([debug!.name, debug!.imagePullPolicy], ['debug', 'Always'])
  assert.equal(shown.metadata!.managedFields!.at(-1)!.subresource, 'ephemeralcontainers')
  const gone = await open.call(
    'PATCH',
    `${podsPath}/a/ephemeralcontainers`,
    { spec: { ephemeralContainers: [] } },
    merge,
  )
  assert.equal(gone.status, 422)
})

test('the resources of a pod change only by resize, and count as a change of spec', async () => {
  await using open = await openServer()
  const resources = { requests: { cpu: '100m' }, limits: { cpu: '200m' } }
  await open.call('POST', podsPath, pod('a', {}, { containers: [{ name: 'main', image: 'busybox', resources }] }))
  const more = { requests: { cpu: '150m' }, limits: { cpu: '200m' } }
  const change = { spec: { containers: [{ name: 'main', resources: more }] } }
  const strategic = { contentType: 'application/strategic-merge-patch+json' }
  assert.equal((await open.call('PATCH', `${podsPath}/a`, change, strategic)).status, 422)
  const { status, body } = await open.call('PATCH', `${podsPath}/a/resize`, change, strategic)
  assert.equal(status, 200)
  const { spec, metadata } = body as unknown as Pod
  assert.deepEqual([spec!.containers[0]!.resources, metadata!.generation], [more, 2])
})
