import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { deployments } from '../../api/apps/v1/deployment.ts'
import { replicaSets } from '../../api/apps/v1/replica-set.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { Deployment, DeploymentSpec, Pod } from '../../api/types.generated.ts'
import { ApiError } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { isPodReady } from '../pods/pod-state.ts'
import { playKubelet } from '../pods/play-kubelet.ts'
import { replicaSetController } from '../replicaset/controller.ts'
import { type Harness, startHarness } from '../runtime/harness.ts'
import { revisionAnnotation } from './annotations.ts'
import { deploymentController } from './controller.ts'

const key = { namespace: 'default', name: 'web' }
const template = (image: string) => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image }] },
})
const deployment = (spec: Partial<DeploymentSpec> = {}): KubeObject =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...key },
    spec: {
      replicas: 4,
      selector: { matchLabels: { app: 'web' } },
      template: template('one'),
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } },
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 10,
      ...spec,
    },
  }) as KubeObject

type Becomes = (pod: Pod) => 'ready' | 'running' | undefined
function start(becomes: { current: Becomes } = { current: () => 'ready' }, seed?: number): Harness {
  return startHarness({
    controllers: [deploymentController, replicaSetController],
    seed,
    play: (client, clock) => playKubelet(client, clock, (pod) => becomes.current(pod)),
  })
}
const the = ({ client }: Harness): Deployment => client.objects(deployments)[0]!
const conditions = (harness: Harness) =>
  (the(harness).status.conditions ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason}`).sort()
const images = ({ client }: Harness) => client.objects(pods).map((pod) => pod.spec.containers[0]!.image)
const setImage = ({ client }: Harness, image: string) =>
  client.patch(deployments, key, 'merge', { spec: { template: template(image) } })

test('a new deployment makes a set of its revision and reports when it is available', async () => {
  const harness = start()
  harness.client.seed(deployments, deployment())
  await harness.settle()
  const [set] = harness.client.objects(replicaSets)
  assert.match(set!.metadata.name!, /^web-[bcdfghjklmnpqrstvwxz2456789]{8,10}$/)
  assert.equal(set!.metadata.annotations?.[revisionAnnotation], '1')
  assert.equal(set!.metadata.annotations?.['deployment.kubernetes.io/max-replicas'], '5')
  assert.equal(set!.spec.selector.matchLabels?.['pod-template-hash'], set!.metadata.name!.slice(4))
  assert.equal(the(harness).metadata.annotations?.[revisionAnnotation], '1')
  assert.deepEqual(conditions(harness), [
    'Available=True MinimumReplicasAvailable',
    'Progressing=True NewReplicaSetAvailable',
  ])
  const progressing = the(harness).status.conditions?.find(({ type }) => type === 'Progressing')
  assert.equal(progressing?.message, `ReplicaSet "${set!.metadata.name}" has successfully progressed.`)
  assert.ok(harness.events.includes(`Normal ScalingReplicaSet Scaled up replica set ${set!.metadata.name} from 0 to 4`))
  const { availableReplicas, updatedReplicas, observedGeneration } = the(harness).status
  assert.deepEqual([availableReplicas, updatedReplicas, observedGeneration], [4, 4, 1])
  const writes = harness.client.writes().length
  await harness.advance(3_600_000)
  assert.equal(harness.client.writes().length, writes, 'nothing is written when nothing changes')
  await harness.stop()
})

test('a rolling update never has more pods than surge allows, nor fewer available than promised', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 0, max: 3 }),
      fc.integer({ min: 0, max: 3 }),
      fc.integer({ min: 1, max: 1000 }),
      async (replicas, maxSurge, maxUnavailable, seed) => {
        fc.pre(maxSurge + maxUnavailable > 0)
        const born = new Map<string, number>()
        const watch = { most: 0, least: Infinity, on: false }
        let now = () => 0
        const harness = start(
          {
            current: (pod) => {
              const uid = pod.metadata.uid!
              if (!born.has(uid)) born.set(uid, now())
              const delay = (Number.parseInt(uid.slice(0, 4), 16) % 5) * 1000
              return now() - born.get(uid)! >= delay ? 'ready' : 'running'
            },
          },
          seed,
        )
        now = () => harness.clock.now()
        const rollingUpdate = { maxSurge, maxUnavailable }
        harness.client.seed(deployments, deployment({ replicas, strategy: { type: 'RollingUpdate', rollingUpdate } }))
        const look = () => {
          const alive = harness.client.objects(pods).filter(({ metadata }) => !metadata.deletionTimestamp)
          watch.most = Math.max(watch.most, alive.length)
          if (watch.on) watch.least = Math.min(watch.least, alive.filter(isPodReady).length)
        }
        harness.client.react('*', '*', look)
        for (let second = 0; second < 8; second++) await harness.advance(1000)
        watch.on = true
        await setImage(harness, 'two')
        for (let second = 0; second < 60; second++) await harness.advance(1000)
        assert.deepEqual(new Set(images(harness)), new Set(['two']))
        assert.equal(images(harness).length, replicas)
        assert.ok(watch.most <= replicas + maxSurge, `${watch.most} pods`)
        assert.ok(watch.least >= replicas - Math.min(maxUnavailable, replicas), `${watch.least} available`)
        await harness.stop()
      },
    ),
    { numRuns: 12, examples: [[4, 3, 1, 636]] },
  )
})

test('another template while the first is rolling out starts over with the newest', async () => {
  const stuck = { current: ((pod) => (pod.spec.containers[0]!.image === 'bad' ? 'running' : 'ready')) as Becomes }
  const harness = start(stuck)
  harness.client.seed(deployments, deployment())
  await harness.settle()
  await setImage(harness, 'bad')
  await harness.settle()
  assert.deepEqual(conditions(harness), [
    'Available=True MinimumReplicasAvailable',
    'Progressing=True ReplicaSetUpdated',
  ])
  assert.ok(images(harness).includes('bad') && images(harness).includes('one'))
  await setImage(harness, 'good')
  await harness.advance(5_000)
  assert.deepEqual(new Set(images(harness)), new Set(['good']))
  const revisions = harness.client
    .objects(replicaSets)
    .map(({ metadata }) => metadata.annotations?.[revisionAnnotation])
  assert.deepEqual(revisions, ['1', '2', '3'])
  await harness.stop()
})

test('going back to an old template takes its set again, with the next revision and its history', async () => {
  const harness = start()
  harness.client.seed(deployments, deployment())
  await harness.settle()
  await setImage(harness, 'two')
  await harness.advance(1000)
  await setImage(harness, 'one')
  await harness.advance(1000)
  const sets = harness.client.objects(replicaSets)
  assert.equal(sets.length, 2)
  const annotations = sets[0]!.metadata.annotations
  assert.equal(annotations?.[revisionAnnotation], '3')
  assert.equal(annotations?.['deployment.kubernetes.io/revision-history'], '1')
  assert.deepEqual(new Set(images(harness)), new Set(['one']))
  assert.equal(the(harness).metadata.annotations?.[revisionAnnotation], '3')
  await harness.stop()
})

test('the old way to roll back names a revision in an annotation', async () => {
  const harness = start()
  harness.client.seed(deployments, deployment())
  await harness.settle()
  await setImage(harness, 'two')
  await harness.advance(1000)
  const ask = (revision: string) =>
    harness.client.patch(deployments, key, 'merge', {
      metadata: { annotations: { 'deprecated.deployment.rollback.to': revision } },
    })
  await ask('7')
  await harness.advance(1000)
  assert.ok(
    harness.events.includes('Warning DeploymentRollbackRevisionNotFound Unable to find the revision to rollback to.'),
  )
  await ask('0')
  await harness.advance(1000)
  assert.ok(harness.events.includes('Normal DeploymentRollback Rolled back deployment "web" to revision 1'))
  assert.deepEqual(new Set(images(harness)), new Set(['one']))
  assert.equal(the(harness).metadata.annotations?.['deprecated.deployment.rollback.to'], undefined)
  await harness.stop()
})

test('Recreate waits for the last old pod before it makes a new one', async () => {
  const harness = start()
  harness.client.seed(deployments, deployment({ strategy: { type: 'Recreate' } }))
  await harness.settle()
  let mixed = false
  harness.client.react('*', '*', () => {
    mixed ||= new Set(images(harness)).size > 1
  })
  await setImage(harness, 'two')
  await harness.advance(2000)
  assert.equal(mixed, false)
  assert.deepEqual(images(harness), ['two', 'two', 'two', 'two'])
  await harness.stop()
})

test('a rollout that makes no progress is reported after its deadline', async () => {
  const stuck = { current: (() => 'running') as Becomes }
  const harness = start(stuck)
  harness.client.seed(deployments, deployment({ progressDeadlineSeconds: 30 }))
  await harness.settle()
  await harness.advance(20_000)
  assert.deepEqual(conditions(harness)[1], 'Progressing=True ReplicaSetUpdated')
  await harness.advance(20_000)
  assert.deepEqual(conditions(harness), [
    'Available=False MinimumReplicasUnavailable',
    'Progressing=False ProgressDeadlineExceeded',
  ])
  const message = the(harness).status.conditions?.find(({ type }) => type === 'Progressing')?.message
  assert.match(message ?? '', /^ReplicaSet "web-\w+" has timed out progressing\.$/)
  stuck.current = () => 'ready'
  await harness.advance(5000)
  assert.deepEqual(conditions(harness)[1], 'Progressing=True NewReplicaSetAvailable')
  await harness.stop()
})

test('a paused deployment scales but does not roll out', async () => {
  const harness = start()
  harness.client.seed(deployments, deployment())
  await harness.settle()
  await harness.client.patch(deployments, key, 'merge', {
    spec: { paused: true, template: template('two'), replicas: 6 },
  })
  await harness.advance(5000)
  assert.deepEqual(
    images(harness),
    Array.from({ length: 6 }, () => 'one'),
  )
  assert.ok(conditions(harness).includes('Progressing=Unknown DeploymentPaused'))
  await harness.client.patch(deployments, key, 'merge', { spec: { paused: false } })
  await harness.advance(5000)
  assert.deepEqual(new Set(images(harness)), new Set(['two']))
  assert.ok(conditions(harness).includes('Progressing=True NewReplicaSetAvailable'))
  await harness.stop()
})

test('a scaling amid a rollout is shared by the sets in proportion', async () => {
  const stuck = { current: ((pod) => (pod.spec.containers[0]!.image === 'bad' ? 'running' : 'ready')) as Becomes }
  const harness = start(stuck)
  const rollingUpdate = { maxSurge: 3, maxUnavailable: 2 }
  harness.client.seed(deployments, deployment({ replicas: 10, strategy: { type: 'RollingUpdate', rollingUpdate } }))
  await harness.settle()
  await setImage(harness, 'bad')
  await harness.advance(2000)
  const sizes = () => harness.client.objects(replicaSets).map(({ spec }) => spec.replicas)
  assert.deepEqual(sizes(), [8, 5])
  await harness.client.patch(deployments, key, 'merge', { spec: { replicas: 30 } })
  await harness.advance(2000)
  assert.deepEqual(sizes(), [20, 13])
  await harness.stop()
})

test('old revisions beyond the limit are deleted when the rollout is complete', async () => {
  const harness = start()
  harness.client.seed(deployments, deployment({ revisionHistoryLimit: 1 }))
  await harness.settle()
  for (const image of ['two', 'three', 'four']) {
    await setImage(harness, image)
    await harness.advance(2000)
  }
  const kept = harness.client.objects(replicaSets).map(({ metadata }) => metadata.annotations?.[revisionAnnotation])
  assert.deepEqual(kept, ['3', '4'])
  await harness.stop()
})

test('a name that is taken by another template is a collision, and another name is found', async () => {
  const harness = start()
  harness.client.seed(deployments, deployment())
  await harness.settle()
  const [taken] = harness.client.objects(replicaSets)
  await harness.stop()

  const again = start()
  const metadata = { name: taken!.metadata.name, namespace: 'default', labels: { app: 'other' } }
  again.client.seed(replicaSets, { ...taken, metadata, spec: { ...taken!.spec, replicas: 0 } } as KubeObject)
  again.client.seed(deployments, deployment())
  await again.advance(2000)
  assert.equal(the(again).status.collisionCount, 1)
  assert.equal(again.client.objects(pods).length, 4)
  await again.stop()
})

test('a set that cannot be made is told in the status', async () => {
  const harness = start()
  const stop = harness.client.react('create', 'replicasets', () => {
    throw new ApiError({ code: 403, reason: 'Forbidden', message: 'no' })
  })
  harness.client.seed(deployments, deployment())
  await harness.settle()
  assert.ok(conditions(harness).includes('Progressing=False ReplicaSetCreateError'))
  assert.match(harness.events[0]!, /^Warning ReplicaSetCreateError Failed to create new replica set "web-\w+": no$/)
  stop()
  await harness.advance(10_000)
  assert.ok(conditions(harness).includes('Progressing=True NewReplicaSetAvailable'))
  await harness.stop()
})

test('a deployment from 0 to 1000 needs few writes beside those of its pods', async () => {
  const harness = start()
  harness.client.seed(deployments, deployment({ replicas: 1000 }))
  await harness.advance(10_000)
  assert.equal(the(harness).status.availableReplicas, 1000)
  const own = harness.client.writes().filter((write) => !write.includes(' pods'))
  assert.ok(own.length < 100, `${own.length} writes`)
  await harness.stop()
})
