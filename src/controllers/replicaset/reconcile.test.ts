import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { replicaSets } from '../../api/apps/v1/replica-set.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { Pod, ReplicaSet } from '../../api/types.generated.ts'
import { ApiError, forbidden } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { startHarness } from '../runtime/harness.ts'
import { observe } from '../runtime/observe.ts'
import type { Batch } from '../runtime/plan.ts'
import { replicaSetController } from './controller.ts'
import { reconcile } from './reconcile.ts'

const now = Date.UTC(2026, 0, 1, 1)
const labels = { app: 'web' }
const replicaSet = (replicas: number, more: Partial<ReplicaSet['spec']> = {}): ReplicaSet => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'web', namespace: 'default', uid: 'rs', generation: 1 },
  spec: {
    replicas,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    ...more,
  },
  status: { replicas: 0 },
})
const pod = (name: string, more: { ready?: string; node?: string; owner?: string; phase?: string } = {}): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      labels,
      creationTimestamp: '2026-01-01T00:00:00Z',
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: more.owner ?? 'rs', controller: true },
      ],
    },
    spec: { containers: [], nodeName: more.node },
    status: {
      phase: more.phase ?? 'Running',
      conditions: more.ready ? [{ type: 'Ready', status: 'True', lastTransitionTime: more.ready }] : [],
    },
  }) as unknown as Pod
const planFor = (object: ReplicaSet, children: readonly Pod[]) =>
  reconcile(
    observe({
      object,
      now,
      objects: [
        [pods, children],
        [replicaSets, [object]],
      ],
    }),
  )
const deletions = (plan: ReturnType<typeof planFor>) =>
  (plan.steps as Batch[]).flatMap(({ writes }) =>
    writes.map((write) => (write as { object: KubeObject }).object.metadata.name),
  )

test('missing pods are made of the template, owned and named after the set', () => {
  const [batch] = planFor(replicaSet(3), [pod('a')]).steps as Batch[]
  assert.equal(batch!.writes.length, 2)
  assert.equal(batch!.slowStart, true)
  const made = (batch!.writes[0] as unknown as { object: Pod }).object
  assert.equal(made.metadata.generateName, 'web-')
  assert.deepEqual(made.metadata.ownerReferences, [
    { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'rs', controller: true, blockOwnerDeletion: true },
  ])
})

test('of too many pods those go first that are worth least', () => {
  const old = '2026-01-01T00:10:00Z'
  const crowd = pod('elsewhere', { node: 'n1', ready: old, owner: 'other' })
  const children = [
    pod('old', { node: 'n2', ready: old }),
    pod('young', { node: 'n2', ready: '2026-01-01T00:59:59Z' }),
    pod('unready', { node: 'n3' }),
    pod('pending', { phase: 'Pending', node: 'n4' }),
    pod('unassigned'),
    pod('crowded', { node: 'n1', ready: old }),
    pod('crowded-too', { node: 'n1', ready: old }),
    crowd,
  ]
  const sole = replicaSet(1)
  const plan = planFor(sole, children)
  assert.deepEqual(deletions(plan).slice(0, 3), ['unassigned', 'pending', 'unready'])
  assert.deepEqual(new Set(deletions(plan).slice(3, 5)), new Set(['crowded', 'crowded-too']))
  assert.equal(deletions(plan)[5], 'young')
})

test('the status counts, and names a failure until it is over', () => {
  const set = replicaSet(3, { minReadySeconds: 10 })
  const plan = planFor(set, [
    pod('a', { ready: '2026-01-01T00:00:00Z' }),
    pod('b', { ready: '2026-01-01T00:59:55Z' }),
    pod('c'),
  ])
  const status = plan.status!({ error: undefined })
  assert.deepEqual([status.replicas, status.readyReplicas, status.availableReplicas], [3, 2, 1])
  assert.equal(status.observedGeneration, 1)
  assert.equal(plan.requeueAfterMs, 5000)
  const error = forbidden({ group: '', resource: 'pods' }, 'web-x', 'exceeded quota')
  const failed = planFor(set, []).status!({ error })
  assert.deepEqual(failed.conditions, [
    {
      type: 'ReplicaFailure',
      status: 'True',
      reason: 'FailedCreate',
      message: 'pods "web-x" is forbidden: exceeded quota',
      lastTransitionTime: '2026-01-01T01:00:00Z',
    },
  ])
  const healed = planFor({ ...set, status: failed }, []).status!({ error: undefined })
  assert.equal(healed.conditions, undefined)
})

test('whatever there is, a plan makes or deletes exactly the difference, at most 500 at once', () => {
  fc.assert(
    fc.property(fc.nat(1200), fc.nat(30), (replicas, there) => {
      const children = Array.from({ length: there }, (_, index) => pod(`p${index}`))
      const [batch] = planFor(replicaSet(replicas), children).steps as Batch[]
      const done = batch?.writes.length ?? 0
      assert.equal(done, Math.min(Math.abs(replicas - there), 500))
      const verbs = new Set(batch?.writes.map((write) => write.do))
      assert.ok(done === 0 || verbs.has(replicas > there ? 'create' : 'delete'))
    }),
    { numRuns: 50 },
  )
})

test('a set scales, replaces a lost pod, adopts an orphan and lets go what it no longer selects', async () => {
  const harness = startHarness({ controllers: [replicaSetController] })
  const { client } = harness
  const { status: _, ...fresh } = replicaSet(3)
  client.seed(replicaSets, { ...fresh, metadata: { name: 'web', namespace: 'default' } } as KubeObject)
  await harness.settle()
  assert.equal(client.objects(pods).length, 3)
  assert.equal(
    harness.events.filter((event) => event.startsWith('Normal SuccessfulCreate Created pod: web-')).length,
    3,
  )
  assert.equal(client.objects(replicaSets)[0]!.status.replicas, 3)

  const [first, second] = client.objects(pods)
  await client.delete(pods, { namespace: 'default', name: first!.metadata.name! })
  await harness.settle()
  assert.equal(client.objects(pods).length, 3)

  await client.patch(pods, { namespace: 'default', name: second!.metadata.name! }, 'merge', {
    metadata: { labels: { app: 'x' } },
  })
  await harness.settle()
  const released = client.objects(pods).find((item) => item.metadata.name === second!.metadata.name)
  assert.deepEqual(released!.metadata.ownerReferences ?? [], [])
  assert.equal(client.objects(pods).length, 4)

  client.seed(pods, { ...pod('orphan'), metadata: { name: 'orphan', namespace: 'default', labels } } as KubeObject)
  await harness.settle()
  const owned = client.objects(pods).filter((item) => item.metadata.ownerReferences?.length)
  assert.equal(owned.length, 3)
  const before = client.writes().length
  await harness.advance(60_000)
  assert.equal(client.writes().length, before, 'nothing is written when nothing changes')
  await harness.stop()
})

test('pods that cannot be made are tried one at a time, then told and tried again later', async () => {
  const harness = startHarness({ controllers: [replicaSetController] })
  const { client } = harness
  let tries = 0
  const stop = client.react('create', 'pods', () => {
    tries++
    throw new ApiError({ code: 403, reason: 'Forbidden', message: 'exceeded quota' })
  })
  const { status: _, ...fresh } = replicaSet(100)
  client.seed(replicaSets, { ...fresh, metadata: { name: 'web', namespace: 'default' } } as KubeObject)
  await harness.advance(200)
  assert.ok(tries < 15, `${tries} tries`)
  assert.equal(client.objects(replicaSets)[0]!.status.conditions?.[0]?.reason, 'FailedCreate')
  assert.equal(harness.events[0], 'Warning FailedCreate Error creating: exceeded quota')
  stop()
  await harness.advance(10_000)
  assert.equal(client.objects(pods).length, 100)
  assert.equal(client.objects(replicaSets)[0]!.status.conditions, undefined)
  await harness.stop()
})

test('an orphan is not adopted by a set that the server knows to be deleted', async () => {
  const harness = startHarness({ controllers: [replicaSetController] })
  const { client } = harness
  const { status: _, ...fresh } = replicaSet(1)
  client.seed(replicaSets, { ...fresh, metadata: { name: 'web', namespace: 'default', uid: 'rs' } } as KubeObject)
  await harness.settle()
  client.react('get', 'replicasets', () => {
    throw new ApiError({ code: 404, reason: 'NotFound', message: 'gone' })
  })
  client.seed(pods, { ...pod('orphan'), metadata: { name: 'orphan', namespace: 'default', labels } } as KubeObject)
  await harness.advance(1000)
  const orphan = client.objects(pods).find((item) => item.metadata.name === 'orphan')
  assert.equal(orphan!.metadata.ownerReferences, undefined)
  await harness.stop()
})
