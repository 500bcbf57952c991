import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leases } from '../../api/coordination/v1/lease.ts'
import { nodes } from '../../api/core/v1/node.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { Node } from '../../api/types.generated.ts'
import type { FakeClient } from '../../client/fake/fake-client.ts'
import { formatMicroTime } from '../../machinery/clock.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { nodeIpamController } from '../nodeipam/controller.ts'
import { podGarbageCollector } from '../podgc/controller.ts'
import { type Harness, startHarness } from '../runtime/harness.ts'
import { taintEvictionController } from '../tainteviction/controller.ts'
import { nodeLifecycleController } from './controller.ts'
import { evictionRate, zonesOf } from './zones.ts'

const seconds = 1000
const node = (name: string, ready: string | null = 'True', more: Partial<Node> = {}): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' } },
    spec: {},
    status: {
      conditions: ready === null ? [] : [{ type: 'Ready', status: ready, lastHeartbeatTime: '2026-01-01T00:00:00Z' }],
    },
    ...more,
  }) as KubeObject
const pod = (name: string, nodeName: string | undefined, tolerationSeconds?: number): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: {
      nodeName,
      containers: [],
      tolerations:
        tolerationSeconds === undefined
          ? []
          : ['not-ready', 'unreachable'].map((key) => ({
              key: `node.kubernetes.io/${key}`,
              operator: 'Exists',
              effect: 'NoExecute',
              tolerationSeconds,
            })),
    },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  }) as unknown as KubeObject

/** Nodes whose kubelets renew their leases as long as they are in `alive`. */
function start(prepare: (client: FakeClient) => void, alive = new Set<string>(), options = {}) {
  const harness = startHarness({
    controllers: [nodeLifecycleController, taintEvictionController, podGarbageCollector, nodeIpamController],
    options,
    prepare,
  })
  const live = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 10 * seconds) {
      for (const name of alive) {
        const metadata = { name, namespace: 'kube-node-lease' }
        const spec = { renewTime: formatMicroTime(harness.clock.now()) }
        const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec }
        const present = harness.client.objects(leases).find((other) => other.metadata.name === name)
        if (present === undefined) harness.client.seed(leases, lease)
        else await harness.client.update(leases, { ...present, spec })
      }
      await harness.advance(Math.min(10 * seconds, ms - passed))
    }
  }
  return { ...harness, harness, live }
}
const the = ({ client }: Harness, name: string) => client.objects(nodes).find(({ metadata }) => metadata.name === name)!
const taints = (harness: Harness, name: string) =>
  (the(harness, name).spec.taints ?? []).map(({ key, effect }) => `${key.split('/')[1]}:${effect}`).sort()

test('taints and labels follow the conditions of a node', async () => {
  const { harness, live } = start(
    (client) => {
      client.seed(nodes, node('a'), node('b', 'False', { spec: { unschedulable: true } } as Partial<Node>))
    },
    new Set(['a', 'b']),
  )
  await live(20 * seconds)
  assert.deepEqual(taints(harness, 'a'), [])
  assert.deepEqual(taints(harness, 'b'), ['not-ready:NoExecute', 'not-ready:NoSchedule', 'unschedulable:NoSchedule'])
  assert.equal(the(harness, 'a').metadata.labels?.['beta.kubernetes.io/os'], 'linux')
  await harness.client.patch(nodes, { name: 'b' }, 'merge', {
    spec: { unschedulable: null, taints: [...the(harness, 'b').spec.taints!, { key: 'own', effect: 'NoSchedule' }] },
  })
  const conditions = [
    { type: 'Ready', status: 'True' },
    { type: 'DiskPressure', status: 'True' },
  ]
  await harness.client.patch(nodes, { name: 'b' }, 'merge', { status: { conditions } }, { subresource: 'status' })
  await live(10 * seconds)
  assert.deepEqual(
    the(harness, 'b')
      .spec.taints?.map(({ key }) => key)
      .sort(),
    ['node.kubernetes.io/disk-pressure', 'own'],
  )
  assert.ok(harness.events.includes('Normal RegisteredNode Node a event: Registered Node a in Controller'))
  const writes = harness.client.writes().filter((write) => !write.includes('leases')).length
  await live(300 * seconds)
  assert.equal(harness.client.writes().filter((write) => !write.includes('leases')).length, writes)
  await harness.stop()
})

test('a node that falls silent is given up, its pods are told and later driven off', async () => {
  const alive = new Set(['a', 'b', 'c'])
  const { harness, live } = start((client) => {
    client.seed(nodes, node('a'), node('b'), node('c'))
    client.seed(pods, pod('patient', 'b', 300), pod('impatient', 'b'), pod('elsewhere', 'a'))
  }, alive)
  await live(120 * seconds)
  assert.deepEqual(
    harness.client.objects(pods).filter(({ metadata }) => metadata.deletionTimestamp),
    [],
  )
  alive.delete('b')
  await live(40 * seconds)
  assert.deepEqual(taints(harness, 'b'), [])
  await live(20 * seconds)
  const ready = the(harness, 'b').status.conditions?.find(({ type }) => type === 'Ready')
  assert.deepEqual(
    [ready?.status, ready?.reason, ready?.message],
    ['Unknown', 'NodeStatusUnknown', 'Kubelet stopped posting node status.'],
  )
  assert.deepEqual(taints(harness, 'b'), ['unreachable:NoExecute', 'unreachable:NoSchedule'])
  assert.ok(harness.events.includes('Normal NodeNotReady Node b status is now: NodeNotReady'))
  const state = () =>
    harness.client
      .objects(pods)
      .map(({ metadata, status }) => [
        metadata.name,
        status.conditions?.find(({ type }) => type === 'Ready')?.status,
        Boolean(metadata.deletionTimestamp),
      ])
  assert.deepEqual(state(), [
    ['patient', 'False', false],
    ['impatient', 'False', true],
    ['elsewhere', 'True', false],
  ])
  const target = harness.client.objects(pods)[1]!.status.conditions?.find(({ type }) => type === 'DisruptionTarget')
  assert.equal(target?.reason, 'DeletionByTaintManager')
  await live(310 * seconds)
  assert.deepEqual(state()[0], ['patient', 'False', true])
  assert.ok(harness.events.includes('Normal TaintManagerEviction Marking for deletion Pod default/patient'))
  await harness.stop()
})

test('a node that comes back in time keeps its pods', async () => {
  const alive = new Set(['a', 'b'])
  const { harness, live } = start((client) => {
    client.seed(nodes, node('a'), node('b'))
    client.seed(pods, pod('p', 'b', 300))
  }, alive)
  await live(20 * seconds)
  alive.delete('b')
  await live(100 * seconds)
  assert.ok(taints(harness, 'b').includes('unreachable:NoExecute'))
  alive.add('b')
  const conditions = [{ type: 'Ready', status: 'True', lastHeartbeatTime: 'later' }]
  await harness.client.patch(nodes, { name: 'b' }, 'merge', { status: { conditions } }, { subresource: 'status' })
  await live(400 * seconds)
  assert.deepEqual(taints(harness, 'b'), [])
  assert.equal(harness.client.objects(pods)[0]!.metadata.deletionTimestamp, undefined)
  assert.ok(harness.events.includes('Normal TaintManagerEviction Cancelling deletion of Pod default/p'))
  await harness.stop()
})

test('when no node is heard of any more, none is emptied', async () => {
  const alive = new Set(['a', 'b'])
  const { harness, live } = start((client) => {
    client.seed(nodes, node('a'), node('b'))
  }, alive)
  await live(20 * seconds)
  alive.clear()
  await live(200 * seconds)
  assert.deepEqual(taints(harness, 'a'), ['unreachable:NoSchedule'])
  assert.deepEqual(taints(harness, 'b'), ['unreachable:NoSchedule'])
  await harness.stop()
})

test('a node that never says anything is given up after its time to start', async () => {
  const { harness, live } = start(
    (client) => {
      client.seed(nodes, node('a'), node('mute', null))
    },
    new Set(['a']),
  )
  await live(50 * seconds)
  assert.deepEqual(the(harness, 'mute').status.conditions, [])
  await live(20 * seconds)
  assert.deepEqual(
    the(harness, 'mute').status.conditions?.map(({ type, reason }) => `${type} ${reason}`),
    ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'].map((type) => `${type} NodeStatusNeverUpdated`),
  )
  await harness.stop()
})

test('a zone in trouble is emptied slowly, or not at all when it is small', () => {
  const zone = (good: number, bad: number) => {
    const all = [...Array.from({ length: good }, () => 'True'), ...Array.from({ length: bad }, () => 'Unknown')]
    return zonesOf(all.map((ready, index) => node(`n${index}`, ready) as Node)).get('')!
  }
  assert.deepEqual(
    [zone(3, 2).state, zone(2, 3).state, zone(0, 1).state],
    ['normal', 'partialDisruption', 'fullDisruption'],
  )
  assert.deepEqual([zone(3, 2), zone(2, 3), zone(20, 60)].map(evictionRate), [0.1, 0, 0.01])
})

test('pods of a node that is gone are removed after a while, and those that end without a node at once', async () => {
  const { harness, live } = start(
    (client) => {
      client.seed(nodes, node('a'))
      client.seed(pods, pod('lost', 'gone'), pod('here', 'a'))
    },
    new Set(['a']),
  )
  await live(30 * seconds)
  assert.equal(harness.client.objects(pods).length, 2)
  await live(20 * seconds)
  assert.deepEqual(
    harness.client.objects(pods).map(({ metadata }) => metadata.name),
    ['here'],
  )
  await harness.client.delete(nodes, { name: 'a' })
  await live(50 * seconds)
  assert.deepEqual(harness.client.objects(pods), [])
  assert.ok(harness.events.includes('Normal RemovingNode Node a event: Removing Node a from Controller'))
  await harness.stop()
})

test('of too many ended pods the oldest go', async () => {
  const ended = (name: string) => ({ ...pod(name, 'a'), status: { phase: 'Succeeded' } }) as unknown as KubeObject
  const { harness, live } = start(
    (client) => {
      client.seed(nodes, node('a'))
      client.seed(pods, ended('one'), ended('two'), ended('three'))
    },
    new Set(['a']),
    { terminatedPodThreshold: 2 },
  )
  await live(10 * seconds)
  assert.deepEqual(
    harness.client.objects(pods).map(({ metadata }) => metadata.name),
    ['two', 'three'],
  )
  await harness.stop()
})

test('each node gets a network of its own', async () => {
  const { harness, live } = start(
    (client) => {
      client.seed(
        nodes,
        node('a'),
        node('b', 'True', { spec: { podCIDR: '10.244.0.0/24', podCIDRs: ['10.244.0.0/24'] } } as Partial<Node>),
        node('c'),
      )
    },
    new Set(['a', 'b', 'c']),
    { podCidrs: ['10.244.0.0/16', 'fd00:10:244::/56'] },
  )
  await live(10 * seconds)
  assert.deepEqual(the(harness, 'a').spec.podCIDRs, ['10.244.1.0/24', 'fd00:10:244::/64'])
  assert.deepEqual(the(harness, 'c').spec.podCIDRs, ['10.244.2.0/24', 'fd00:10:244:1::/64'])
  assert.equal(the(harness, 'c').spec.podCIDR, '10.244.2.0/24')
  await harness.stop()
})
