import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { controllerRevisions } from '../../api/apps/v1/controller-revision.ts'
import { statefulSets } from '../../api/apps/v1/stateful-set.ts'
import { persistentVolumeClaims } from '../../api/core/v1/persistent-volume-claim.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { Pod, StatefulSet } from '../../api/types.generated.ts'
import type { FakeClient } from '../../client/fake/fake-client.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { isPodReady } from '../pods/pod-state.ts'
import { playKubelet } from '../pods/play-kubelet.ts'
import { type Harness, startHarness } from '../runtime/harness.ts'
import { statefulSetController } from './controller.ts'

const labels = { app: 'db' }
const key = { namespace: 'default', name: 'db' }
const statefulSet = (spec: Partial<StatefulSet['spec']> = {}): KubeObject =>
  ({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', namespace: 'default', generation: 1 },
    spec: {
      replicas: 3,
      serviceName: 'db',
      podManagementPolicy: 'OrderedReady',
      selector: { matchLabels: labels },
      revisionHistoryLimit: 10,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0, maxUnavailable: 1 } },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'one' }] } },
      ...spec,
    },
  }) as unknown as KubeObject
const start = (play: (client: FakeClient, clock: Clock) => Promise<void> | void = playKubelet) =>
  startHarness({ controllers: [statefulSetController], play: (client, clock) => play(client, clock) })
const the = ({ client }: Harness) => client.objects(statefulSets)[0]!
const names = ({ client }: Harness) =>
  client
    .objects(pods)
    .map(({ metadata }) => metadata.name)
    .sort()
const images = ({ client }: Harness) =>
  [...client.objects(pods)]
    .sort((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1))
    .map(({ spec }) => spec.containers[0]!.image)
const change = async ({ client }: Pick<Harness, 'client'>, path: string, value: unknown) =>
  client.patch(statefulSets, key, 'json', [{ op: 'replace', path: `/spec/${path}`, value }])
const roll = async (harness: Harness, image: string) => change(harness, 'template/spec/containers/0/image', image)

test('pods are numbered, each made when the one before works, with claims and a name of its own', async () => {
  const made: string[][] = []
  const harness = start(async (client, clock) => {
    made.push(client.objects(pods).map((pod) => `${pod.metadata.name}${isPodReady(pod) ? '+' : ''}`))
    await playKubelet(client, clock)
  })
  const volumeClaimTemplates = [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'] } }]
  harness.client.seed(statefulSets, statefulSet({ volumeClaimTemplates } as object))
  await harness.settle()
  assert.deepEqual(names(harness), ['db-0', 'db-1', 'db-2'])
  assert.ok(made.some((list) => list.join() === 'db-0+,db-1'))
  assert.ok(!made.some((list) => list.join() === 'db-0,db-1'))
  const pod = harness.client.objects(pods).find(({ metadata }) => metadata.name === 'db-1')!
  assert.deepEqual(
    [pod.spec.hostname, pod.spec.subdomain, pod.spec.volumes],
    ['db-1', 'db', [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-1' } }]],
  )
  assert.equal(pod.metadata.generateName, undefined)
  assert.equal(pod.metadata.labels!['statefulset.kubernetes.io/pod-name'], 'db-1')
  assert.equal(pod.metadata.labels!['apps.kubernetes.io/pod-index'], '1')
  const { status } = the(harness)
  assert.equal(pod.metadata.labels!['controller-revision-hash'], status.updateRevision)
  assert.deepEqual(
    [status.replicas, status.readyReplicas, status.currentReplicas, status.updatedReplicas],
    [3, 3, 3, 3],
  )
  assert.deepEqual(harness.events.slice(0, 2), [
    'Normal SuccessfulCreate Create Claim data-db-0 Pod db-0 in StatefulSet db success',
    'Normal SuccessfulCreate Create Pod db-0 in StatefulSet db successful',
  ])
  await harness.stop()
})

test('it is scaled down from the highest number, one by one; claims stay', async () => {
  const gone: string[] = []
  const harness = start(async (client, clock) => {
    gone.push(
      ...client
        .objects(pods)
        .filter(isLeaving)
        .map(({ metadata }) => metadata.name!),
    )
    await playKubelet(client, clock)
  })
  const volumeClaimTemplates = [{ metadata: { name: 'data' }, spec: {} }]
  harness.client.seed(statefulSets, statefulSet({ volumeClaimTemplates } as object))
  await harness.settle()
  await change(harness, 'replicas', 1)
  await harness.advance(5000)
  assert.deepEqual(names(harness), ['db-0'])
  assert.deepEqual(gone, ['db-2', 'db-1'])
  assert.equal(harness.client.objects(persistentVolumeClaims).length, 3)
  await harness.stop()
})

test('with a policy to delete, claims of pods that are scaled away belong to these, the others to the set', async () => {
  const harness = start(async (client, clock) => {
    if (client.objects(pods).every((pod) => !isLeaving(pod))) await playKubelet(client, clock)
  })
  const set = statefulSet({
    replicas: 2,
    volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: {} }],
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Delete' },
  } as object)
  harness.client.seed(statefulSets, set)
  await harness.advance(2000)
  const ownersOf = () =>
    harness.client
      .objects(persistentVolumeClaims)
      .map(({ metadata }) => metadata.ownerReferences?.map(({ kind, name }) => `${kind}/${name}`).join())
  assert.deepEqual(ownersOf(), ['StatefulSet/db', 'StatefulSet/db'])
  await change(harness, 'replicas', 1)
  await harness.advance(2000)
  assert.deepEqual(ownersOf(), ['StatefulSet/db', 'Pod/db-1'])
  await harness.stop()
})

test('an update goes from the highest number to the partition', async () => {
  const harness = start()
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 1, maxUnavailable: 1 } } as const
  harness.client.seed(statefulSets, statefulSet({ updateStrategy }))
  await harness.settle()
  const { currentRevision } = the(harness).status
  await roll(harness, 'two')
  await harness.advance(5000)
  assert.deepEqual(images(harness), ['one', 'two', 'two'])
  assert.equal(the(harness).status.currentRevision, currentRevision)
  assert.equal(the(harness).status.updatedReplicas, 2)
  // A pod below the partition comes back as it was.
  await harness.client.delete(pods, { namespace: 'default', name: 'db-0' })
  await harness.advance(5000)
  assert.deepEqual(images(harness), ['one', 'two', 'two'])

  await change(harness, 'updateStrategy/rollingUpdate/partition', 0)
  await harness.advance(5000)
  assert.deepEqual(images(harness), ['two', 'two', 'two'])
  assert.equal(the(harness).status.currentRevision, the(harness).status.updateRevision)
  await roll(harness, 'one')
  await harness.advance(5000)
  assert.equal(the(harness).status.currentRevision, currentRevision)
  assert.deepEqual(
    harness.client
      .objects(controllerRevisions)
      .map(({ revision }) => revision)
      .sort(),
    [2, 3],
  )
  await harness.stop()
})

test('a parallel set starts all pods at once and updates as many at once as may be missing', async () => {
  let most = 0
  const harness = start(async (client, clock) => {
    most = Math.max(most, 5 - client.objects(pods).filter((pod) => isPodReady(pod) && !isLeaving(pod)).length)
    await playKubelet(client, clock)
  })
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 0, maxUnavailable: 2 } } as const
  harness.client.seed(statefulSets, statefulSet({ replicas: 5, podManagementPolicy: 'Parallel', updateStrategy }))
  await harness.settle()
  most = 0
  await roll(harness, 'two')
  await harness.advance(10_000)
  assert.deepEqual(images(harness), Array(5).fill('two'))
  assert.equal(most, 2)
  await harness.stop()
})

test('an update that does not work stops at its first pod, and the way back is free', async () => {
  const harness = start((client, clock) =>
    playKubelet(client, clock, (pod) => (pod.spec.containers[0]!.image === 'bad' ? 'running' : 'ready')),
  )
  harness.client.seed(statefulSets, statefulSet({ podManagementPolicy: 'Parallel' }))
  await harness.settle()
  await roll(harness, 'bad')
  await harness.advance(5000)
  assert.deepEqual(images(harness), ['one', 'one', 'bad'])
  await roll(harness, 'good')
  await harness.advance(5000)
  assert.deepEqual(images(harness), ['good', 'good', 'good'])
  await harness.stop()
})

test('failed and succeeded pods are replaced under their name', async () => {
  let failed = false
  const harness = start((client, clock) =>
    playKubelet(client, clock, (pod) => {
      if (pod.metadata.name !== 'db-1' || failed) return 'ready'
      failed = true
      return 'failed'
    }),
  )
  harness.client.seed(statefulSets, statefulSet())
  await harness.advance(10_000)
  assert.deepEqual(names(harness), ['db-0', 'db-1', 'db-2'])
  assert.equal(the(harness).status.readyReplicas, 3)
  await harness.stop()
})

test('numbers can begin elsewhere, and orphans with the right name are adopted', async () => {
  const harness = start()
  harness.client.seed(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'db-6', namespace: 'default', labels },
    spec: { containers: [{ name: 'c', image: 'one' }] },
  } as unknown as KubeObject)
  harness.client.seed(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'other-1', namespace: 'default', labels },
    spec: { containers: [{ name: 'c', image: 'one' }] },
  } as unknown as KubeObject)
  harness.client.seed(statefulSets, statefulSet({ replicas: 2, ordinals: { start: 5 } }))
  await harness.advance(5000)
  assert.deepEqual(names(harness), ['db-5', 'db-6', 'other-1'])
  const owned = harness.client.objects(pods).filter(({ metadata }) => metadata.ownerReferences?.length)
  assert.equal(owned.length, 2)
  await harness.stop()
})

test('whatever happens, an ordered set has never two pods on the way, and ends up as it should', async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('roll' as const), image: fc.constantFrom('one', 'two', 'three') }),
    fc.record({ do: fc.constant('scale' as const), replicas: fc.nat(4) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.nat(3000) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
      const harness = start(async (client, clock) => {
        const waiting = client.objects(pods).filter((pod) => !isPodReady(pod) && !isLeaving(pod))
        assert.ok(waiting.length <= 1, 'one after the other')
        await playKubelet(client, clock)
      })
      harness.client.seed(statefulSets, statefulSet())
      let [image, replicas] = ['one', 3]
      for (const action of steps) {
        if (action.do === 'wait') await harness.advance(action.ms)
        else if (action.do === 'roll') await roll(harness, (image = action.image))
        else await change(harness, 'replicas', (replicas = action.replicas))
      }
      await harness.advance(20_000)
      assert.deepEqual(images(harness), Array(replicas).fill(image))
      assert.equal(the(harness).status.currentRevision, the(harness).status.updateRevision)
      const before = harness.client.writes().length
      await harness.advance(10_000)
      assert.equal(harness.client.writes().length, before)
      await harness.stop()
    }),
    { numRuns: 25 },
  )
})

function isLeaving({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined
}
