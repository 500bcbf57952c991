import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { controllerRevisions } from '../../api/apps/v1/controller-revision.ts'
import { daemonSets } from '../../api/apps/v1/daemon-set.ts'
import { nodes } from '../../api/core/v1/node.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { DaemonSet, Pod, PodSpec } from '../../api/types.generated.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { isPodReady } from '../pods/pod-state.ts'
import { playKubelet } from '../pods/play-kubelet.ts'
import { type Harness, startHarness } from '../runtime/harness.ts'
import { daemonSetController } from './controller.ts'
import { targetNode } from './placement.ts'

const labels = { app: 'agent' }
const daemonSet = (spec: Partial<DaemonSet['spec']> = {}, podSpec: Partial<PodSpec> = {}): KubeObject =>
  ({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'agent', namespace: 'default', generation: 1 },
    spec: {
      selector: { matchLabels: labels },
      revisionHistoryLimit: 10,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'one' }], ...podSpec } },
      ...spec,
    },
  }) as unknown as KubeObject
const node = (name: string, taints?: object[], nodeLabels?: Record<string, string>): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: nodeLabels },
    spec: { taints },
  }) as unknown as KubeObject
const start = (
  nodeList: readonly KubeObject[],
  play: (harness: Pick<Harness, 'client' | 'clock'>) => Promise<void> = ({ client, clock }) =>
    playKubelet(client, clock),
) =>
  startHarness({
    controllers: [daemonSetController],
    prepare: (client) => {
      for (const object of nodeList) client.seed(nodes, object)
    },
    play: (client, clock) => play({ client, clock }),
  })
const the = ({ client }: Harness) => client.objects(daemonSets)[0]!
const images = ({ client }: Harness) => client.objects(pods).map(({ spec }) => spec.containers[0]!.image)
const roll = async ({ client }: Harness, image: string) =>
  client.patch(daemonSets, { namespace: 'default', name: 'agent' }, 'json', [
    { op: 'replace', path: '/spec/template/spec/containers/0/image', value: image },
  ])

test('there is a pod on each node, also on those that come later, and none on nodes that do not want it', async () => {
  const noSchedule = { key: 'dedicated', effect: 'NoSchedule' }
  const harness = start([node('n1'), node('n2'), node('n3', [noSchedule])])
  harness.client.seed(daemonSets, daemonSet())
  await harness.settle()
  harness.client.seed(nodes, node('n4'))
  await harness.advance(1000)
  assert.deepEqual(harness.client.objects(pods).map(targetNode).sort(), ['n1', 'n2', 'n4'])
  const { status } = the(harness)
  assert.deepEqual(
    [status.desiredNumberScheduled, status.currentNumberScheduled, status.numberAvailable, status.numberUnavailable],
    [3, 3, 3, 0],
  )
  assert.equal(status.updatedNumberScheduled, 3)
  const [pod] = harness.client.objects(pods)
  assert.equal(pod!.spec.tolerations!.length, 6)
  const [revision] = harness.client.objects(controllerRevisions)
  assert.equal(revision!.revision, 1)
  assert.equal(
    pod!.metadata.labels!['controller-revision-hash'],
    revision!.metadata.labels!['controller-revision-hash'],
  )
  await harness.stop()
})

test('pods leave a node that no longer fits; NoSchedule lets those stay that are there', async () => {
  const harness = start([node('n1', [], { disk: 'ssd' }), node('n2', [], { disk: 'ssd' })])
  harness.client.seed(daemonSets, daemonSet({}, { nodeSelector: { disk: 'ssd' } }))
  await harness.settle()
  await harness.client.patch(nodes, { name: 'n1' }, 'merge', { metadata: { labels: { disk: 'hdd' } } })
  await harness.client.patch(nodes, { name: 'n2' }, 'merge', {
    spec: { taints: [{ key: 'full', effect: 'NoSchedule' }] },
  })
  await harness.advance(1000)
  assert.deepEqual(harness.client.objects(pods).map(targetNode), ['n2'])
  assert.equal(the(harness).status.numberMisscheduled, 1)
  assert.equal(the(harness).status.desiredNumberScheduled, 0)
  await harness.stop()
})

test('a failed pod is deleted and made again, ever more slowly', async () => {
  const harness = start([node('n1')], ({ client, clock }) => playKubelet(client, clock, () => 'failed'))
  harness.client.seed(daemonSets, daemonSet())
  await harness.advance(16_000)
  const killed = harness.events.filter((event) => event.includes('FailedDaemonPod'))
  assert.match(
    killed[0]!,
    /^Warning FailedDaemonPod Found failed daemon pod default\/agent-\w+ on node n1, will try to kill it$/,
  )
  // At 0, 1, 3, 7 and 15 s.
  assert.equal(killed.length, 5)
  await harness.stop()
})

test('an update replaces one pod after the other, and its revisions are numbered', async () => {
  let most = 0
  const harness = start(
    ['n1', 'n2', 'n3'].map((name) => node(name)),
    async ({ client, clock }) => {
      most = Math.max(most, 3 - client.objects(pods).filter((pod) => isPodReady(pod) && !isLeaving(pod)).length)
      await playKubelet(client, clock)
    },
  )
  harness.client.seed(daemonSets, daemonSet())
  await harness.advance(1000)
  most = 0
  await roll(harness, 'two')
  await harness.advance(5000)
  assert.deepEqual(images(harness), ['two', 'two', 'two'])
  assert.equal(most, 1)
  // Back to the first: its revision comes to the front again.
  await roll(harness, 'one')
  await harness.advance(5000)
  assert.deepEqual(images(harness), ['one', 'one', 'one'])
  assert.deepEqual(
    harness.client
      .objects(controllerRevisions)
      .map(({ revision }) => revision)
      .sort(),
    [2, 3],
  )
  await harness.stop()
})

test('a surge makes the new pod work before the old one goes', async () => {
  const names = ['n1', 'n2', 'n3']
  let fewest = Infinity
  const harness = start(
    names.map((name) => node(name)),
    async ({ client, clock }) => {
      const working = new Set(
        client
          .objects(pods)
          .filter((pod) => isPodReady(pod) && !isLeaving(pod))
          .map(targetNode),
      )
      fewest = Math.min(fewest, working.size)
      await playKubelet(client, clock)
    },
  )
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } as const
  harness.client.seed(daemonSets, daemonSet({ updateStrategy }))
  await harness.advance(1000)
  fewest = Infinity
  await roll(harness, 'two')
  await harness.advance(5000)
  assert.deepEqual(images(harness), ['two', 'two', 'two'])
  assert.equal(fewest, 3)
  await harness.stop()
})

test('OnDelete waits until somebody deletes', async () => {
  const harness = start([node('n1'), node('n2')])
  harness.client.seed(daemonSets, daemonSet({ updateStrategy: { type: 'OnDelete' } }))
  await harness.advance(1000)
  await roll(harness, 'two')
  await harness.advance(5000)
  assert.deepEqual(images(harness), ['one', 'one'])
  assert.equal(the(harness).status.updatedNumberScheduled, 0)
  const [pod] = harness.client.objects(pods)
  await harness.client.delete(pods, { namespace: 'default', name: pod!.metadata.name! })
  await harness.advance(5000)
  assert.deepEqual(images(harness).sort(), ['one', 'two'])
  await harness.stop()
})

test('revisions beyond the limit are deleted, once no pod is made of them', async () => {
  const harness = start([node('n1')])
  harness.client.seed(daemonSets, daemonSet({ revisionHistoryLimit: 1 }))
  for (const image of ['two', 'three', 'four']) {
    await harness.advance(3000)
    await roll(harness, image)
  }
  await harness.advance(3000)
  assert.deepEqual(
    harness.client
      .objects(controllerRevisions)
      .map(({ revision }) => revision)
      .sort(),
    [3, 4],
  )
  await harness.stop()
})

test('a second revision of the same data stays until the set is looked at for another reason', async () => {
  const harness = start([node('n1')])
  harness.client.seed(daemonSets, daemonSet())
  await harness.advance(3000)
  const [first] = harness.client.objects(controllerRevisions)
  const { ownerReferences, labels: revisionLabels } = first!.metadata
  await harness.client.create(controllerRevisions, {
    ...first!,
    metadata: { name: 'agent-second', namespace: 'default', ownerReferences, labels: revisionLabels },
    revision: 2,
  } as KubeObject as typeof first & KubeObject)
  await harness.advance(3000)
  assert.equal(harness.client.objects(controllerRevisions).length, 2)
  await harness.client.patch(daemonSets, { namespace: 'default', name: 'agent' }, 'merge', {
    metadata: { labels: { any: 'thing' } },
  })
  await harness.advance(3000)
  assert.deepEqual(
    harness.client.objects(controllerRevisions).map(({ metadata }) => metadata.name),
    ['agent-second'],
  )
  await harness.stop()
})

test('nothing is written when nothing changes', async () => {
  const harness = start([node('n1'), node('n2')])
  harness.client.seed(daemonSets, daemonSet())
  await harness.advance(5000)
  const before = harness.client.writes().length
  await harness.client.patch(nodes, { name: 'n1' }, 'merge', { metadata: { labels: { any: 'thing' } } })
  await harness.advance(60_000)
  assert.equal(harness.client.writes().length, before + 1)
  await harness.stop()
})

test('whatever happens, no node has more running pods than one, or two in a surge, and all end up right', async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('roll' as const), image: fc.constantFrom('one', 'two', 'three') }),
    fc.record({ do: fc.constant('taint' as const), node: fc.constantFrom('n1', 'n2', 'n3'), on: fc.boolean() }),
    fc.record({ do: fc.constant('delete' as const), index: fc.nat(3) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.nat(3000) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(step, { maxLength: 8 }), async (surges, steps) => {
      const limit = surges ? 2 : 1
      const harness = start(
        ['n1', 'n2', 'n3'].map((name) => node(name)),
        async ({ client, clock }) => {
          const counts = new Map<unknown, number>()
          for (const pod of client.objects(pods)) {
            if (!isLeaving(pod)) counts.set(targetNode(pod), (counts.get(targetNode(pod)) ?? 0) + 1)
          }
          for (const count of counts.values()) assert.ok(count <= limit, `${count} pods on one node`)
          await playKubelet(client, clock)
        },
      )
      const rollingUpdate = surges ? { maxUnavailable: 0, maxSurge: 1 } : { maxUnavailable: 1, maxSurge: 0 }
      harness.client.seed(daemonSets, daemonSet({ updateStrategy: { type: 'RollingUpdate', rollingUpdate } }))
      let image = 'one'
      const tainted = new Set<string>()
      await harness.advance(1000)
      for (const action of steps) {
        if (action.do === 'wait') await harness.advance(action.ms)
        else if (action.do === 'roll') await roll(harness, (image = action.image))
        else if (action.do === 'taint') {
          if (action.on) tainted.add(action.node)
          else tainted.delete(action.node)
          const taints = action.on ? [{ key: 'away', effect: 'NoExecute' }] : []
          await harness.client.patch(nodes, { name: action.node }, 'merge', { spec: { taints } })
        } else {
          const pod = harness.client.objects(pods)[action.index]
          if (pod) await harness.client.delete(pods, { namespace: 'default', name: pod.metadata.name! })
        }
      }
      await harness.advance(20_000)
      const wanted = ['n1', 'n2', 'n3'].filter((name) => !tainted.has(name))
      assert.deepEqual(harness.client.objects(pods).map(targetNode).sort(), wanted)
      assert.ok(images(harness).every((found) => found === image))
      await harness.stop()
    }),
    { numRuns: 25 },
  )
})

function isLeaving({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined
}
