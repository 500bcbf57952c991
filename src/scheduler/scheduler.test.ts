import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { nodes } from '../api/core/v1/node.ts'
import { pods } from '../api/core/v1/pod.ts'
import { podDisruptionBudgets } from '../api/policy/v1/pod-disruption-budget.ts'
import { serviceUnavailable } from '../machinery/errors.ts'
import { configurationOf } from './configuration/configuration.ts'
import { harness, node, pod } from './scheduler-harness.ts'

let cluster: Awaited<ReturnType<typeof harness>>
beforeEach(async () => {
  cluster = await harness()
})
afterEach(() => cluster.stop())

test('a pod is bound to a node through its binding subresource, and told so', async () => {
  cluster.addNodes(node('a'))
  await cluster.start()
  await cluster.addPods(pod('web'))
  assert.equal(await cluster.nodeOf('web'), 'a')
  const binding = cluster.client.actions.find(({ subresource }) => subresource === 'binding')?.body
  assert.deepEqual((binding as { target: unknown }).target, { kind: 'Node', name: 'a' })
  assert.deepEqual(cluster.notes('Scheduled'), ['Successfully assigned default/web to a'])
})

test('pods that are there before the scheduler are scheduled, those of other schedulers are left alone', async () => {
  cluster.addNodes(node('a'))
  await cluster.addPods(pod('early'), pod('theirs', { schedulerName: 'other' }))
  await cluster.start()
  assert.equal(await cluster.nodeOf('early'), 'a')
  assert.equal(await cluster.nodeOf('theirs'), '')
})

test('without nodes a pod says so and waits for one', async () => {
  await cluster.start()
  await cluster.addPods(pod('web'))
  assert.equal((await cluster.condition('web'))?.message, 'no nodes available to schedule pods')
  cluster.addNodes(node('a'))
  await cluster.settle()
  await cluster.pass(3000)
  assert.equal(await cluster.nodeOf('web'), 'a')
})

test('a pod that fits nowhere says why, in upstream’s words', async () => {
  cluster.addNodes(
    node('small', { allocatable: { cpu: '1', memory: '1Gi' } }),
    node('tainted', { spec: { taints: [{ key: 'gpu', effect: 'NoSchedule' }] } }),
    node('cordoned', { spec: { unschedulable: true } }),
  )
  await cluster.start()
  await cluster.addPods(pod('web', { requests: { cpu: '2', memory: '3Gi' } }))
  const condition = await cluster.condition('web')
  assert.deepEqual(
    [condition?.status, condition?.reason, condition?.message],
    [
      'False',
      'Unschedulable',
      '0/3 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, 1 node(s) had untolerated taint(s), ' +
        '1 node(s) were unschedulable. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
    ],
  )
  assert.deepEqual(cluster.notes('FailedScheduling'), [condition?.message])
})

test('a pod says that nobody can be sent away for it', async () => {
  cluster.addNodes(node('a', { allocatable: { cpu: '1' } }))
  await cluster.start()
  await cluster.addPods(pod('first', { requests: { cpu: '800m' } }), pod('second', { requests: { cpu: '800m' } }))
  assert.equal(
    (await cluster.condition('second'))?.message,
    '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: ' +
      '1 No preemption victims found for incoming pod.',
  )
})

test('a pod that waits is scheduled as soon as what it waits for happens', async () => {
  cluster.addNodes(node('a', { allocatable: { cpu: '1' } }))
  await cluster.start()
  await cluster.addPods(pod('first', { requests: { cpu: '800m' } }), pod('second', { requests: { cpu: '800m' } }))
  assert.equal(await cluster.nodeOf('second'), '')
  await cluster.end('first')
  assert.equal(await cluster.nodeOf('second'), 'a')
})

test('a pod that waits does not try again for what does not concern it', async () => {
  cluster.addNodes(node('a', { allocatable: { cpu: '1' } }))
  await cluster.start()
  await cluster.addPods(pod('big', { requests: { cpu: '2' } }))
  const before = cluster.client.writes().length
  await cluster.client.patch(nodes, { name: 'a' }, 'merge', { metadata: { labels: { color: 'blue' } } })
  await cluster.addPods(pod('other'))
  await cluster.pass(60_000)
  const more = cluster.client.writes().slice(before)
  assert.deepEqual(
    more.filter((line) => line.includes('status')),
    [],
  )
  await cluster.client.patch(
    nodes,
    { name: 'a' },
    'merge',
    { status: { allocatable: { cpu: '3' } } },
    { subresource: 'status' },
  )
  await cluster.settle()
  assert.equal(await cluster.nodeOf('big'), 'a')
})

test('a binding that fails is tried again after a while, and its room is free meanwhile', async () => {
  cluster.addNodes(node('a', { allocatable: { cpu: '1' } }))
  let refuse = true
  cluster.client.react('create', 'pods', ({ subresource }) => {
    if (subresource === 'binding' && refuse) throw serviceUnavailable('not now')
  })
  await cluster.start()
  await cluster.addPods(pod('web', { requests: { cpu: '800m' } }))
  await cluster.pass(1000)
  assert.equal(await cluster.nodeOf('web'), '')
  assert.deepEqual([(await cluster.condition('web'))?.reason], ['SchedulerError'])
  refuse = false
  await cluster.pass(5000)
  assert.equal(await cluster.nodeOf('web'), 'a')
})

test('the more urgent pod comes first', async () => {
  cluster.addNodes(node('a', { allocatable: { cpu: '1' } }))
  await cluster.addPods(
    pod('low', { requests: { cpu: '800m' }, priority: 1 }),
    pod('high', { requests: { cpu: '800m' }, priority: 10 }),
  )
  await cluster.start()
  assert.deepEqual([await cluster.nodeOf('high'), await cluster.nodeOf('low')], ['a', ''])
})

test('a gated pod is not tried until its gates are gone', async () => {
  cluster.addNodes(node('a'))
  await cluster.start()
  await cluster.addPods(pod('gated', { schedulingGates: [{ name: 'x/y' }] }))
  await cluster.pass(400_000)
  assert.equal(await cluster.nodeOf('gated'), '')
  assert.deepEqual(cluster.notes('FailedScheduling'), [])
  await cluster.client.patch(pods, { namespace: 'default', name: 'gated' }, 'json', [
    { op: 'remove', path: '/spec/schedulingGates' },
  ])
  await cluster.settle()
  assert.equal(await cluster.nodeOf('gated'), 'a')
})

test('a pod being deleted is not scheduled', async () => {
  cluster.addNodes(node('a'))
  const metadata = { finalizers: ['x/y'], deletionTimestamp: '2026-01-01T00:00:00Z' }
  cluster.client.seed(pods, pod('going', { metadata: { name: 'going', namespace: 'default', ...metadata } }))
  await cluster.start()
  assert.equal(await cluster.nodeOf('going'), '')
  assert.deepEqual(cluster.notes('FailedScheduling'), ['skip schedule deleting pod: default/going'])
})

test('pods that are over take no room', async () => {
  cluster.addNodes(node('a', { allocatable: { cpu: '1' } }))
  await cluster.start()
  await cluster.addPods(pod('job', { requests: { cpu: '800m' } }), pod('next', { requests: { cpu: '800m' } }))
  await cluster.client.patch(
    pods,
    { namespace: 'default', name: 'job' },
    'merge',
    { status: { phase: 'Succeeded' } },
    { subresource: 'status' },
  )
  await cluster.settle()
  assert.equal(await cluster.nodeOf('next'), 'a')
})

test('a more important pod has the least important ones sent away, gracefully, and gets their room', async () => {
  cluster.addNodes(node('a', { allocatable: { cpu: '2' } }), node('b', { allocatable: { cpu: '2' } }))
  await cluster.start()
  await cluster.addPods(
    pod('a-low', { requests: { cpu: '1500m' }, priority: 10, nodeName: 'a' }),
    pod('b-lower', { requests: { cpu: '900m' }, priority: 5, nodeName: 'b' }),
    pod('b-tiny', { requests: { cpu: '100m' }, priority: 5, nodeName: 'b' }),
  )
  await cluster.addPods(pod('vip', { requests: { cpu: '1500m' }, priority: 1000 }))
  assert.match(
    (await cluster.condition('vip'))?.message ?? '',
    /^0\/2 nodes are available: 2 Insufficient cpu\. preemption: found a potential placement for pod on node b, preempting 1 victims$/,
  )
  assert.deepEqual(cluster.leaving(), ['b-lower'])
  const patched = cluster.client.actions.find(({ verb, name }) => verb === 'patch' && name === 'b-lower')?.body
  const [condition] = (patched as { status: { conditions: Record<string, unknown>[] } }).status.conditions
  assert.deepEqual(
    [condition?.type, condition?.status, condition?.reason, condition?.message],
    [
      'DisruptionTarget',
      'True',
      'PreemptionByScheduler',
      'default-scheduler: preempting to accommodate a higher priority pod',
    ],
  )
  const vip = await cluster.pod('vip')
  assert.deepEqual(cluster.notes('Preempted'), [`Preempted by pod ${vip.metadata.uid} on node b`])
  assert.equal(vip.status?.nominatedNodeName, 'b')
  await cluster.end('b-lower')
  assert.equal(await cluster.nodeOf('vip'), 'b')
})

test('room that is being made is kept from less important pods', async () => {
  cluster.addNodes(node('a', { allocatable: { cpu: '1' } }))
  await cluster.start()
  await cluster.addPods(pod('low', { requests: { cpu: '900m' }, priority: 1, nodeName: 'a' }))
  await cluster.addPods(pod('vip', { requests: { cpu: '900m' }, priority: 1000 }))
  assert.equal((await cluster.pod('vip')).status?.nominatedNodeName, 'a')
  await cluster.addPods(pod('middle', { requests: { cpu: '900m' }, priority: 500 }))
  await cluster.end('low')
  assert.deepEqual([await cluster.nodeOf('vip'), await cluster.nodeOf('middle')], ['a', ''])
})

test('a pod that must not preempt waits instead', async () => {
  cluster.addNodes(node('a', { allocatable: { cpu: '1' } }))
  await cluster.start()
  await cluster.addPods(pod('low', { requests: { cpu: '900m' }, priority: 1, nodeName: 'a' }))
  await cluster.addPods(pod('meek', { requests: { cpu: '900m' }, priority: 1000, preemptionPolicy: 'Never' }))
  assert.equal(
    (await cluster.condition('meek'))?.message,
    '0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.',
  )
})

test('preemption spares pods that a disruption budget protects, if it can', async () => {
  cluster.addNodes(node('a', { allocatable: { cpu: '1' } }), node('b', { allocatable: { cpu: '1' } }))
  cluster.client.seed(podDisruptionBudgets, {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'guard', namespace: 'default' },
    spec: { selector: { matchLabels: { app: 'guarded' } } },
    status: { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
  } as never)
  await cluster.start()
  await cluster.addPods(
    pod('guarded', { requests: { cpu: '900m' }, priority: 1, nodeName: 'a', labels: { app: 'guarded' } }),
    pod('free', { requests: { cpu: '900m' }, priority: 5, nodeName: 'b' }),
    pod('vip', { requests: { cpu: '900m' }, priority: 1000 }),
  )
  assert.deepEqual(cluster.leaving(), ['free'])
})

test('profiles schedule their own pods, each in its way and its name', async () => {
  await cluster.stop()
  const withoutTaints = { multiPoint: { disabled: [{ name: 'TaintToleration' }] } }
  cluster = await harness(
    configurationOf({
      profiles: [{ schedulerName: 'default-scheduler' }, { schedulerName: 'bold', plugins: withoutTaints }],
    }),
  )
  cluster.addNodes(node('tainted', { spec: { taints: [{ key: 'gpu', effect: 'NoSchedule' }] } }))
  await cluster.start()
  await cluster.addPods(pod('shy'), pod('brave', { schedulerName: 'bold' }), pod('theirs', { schedulerName: 'other' }))
  assert.equal(await cluster.nodeOf('brave'), 'tainted')
  assert.match((await cluster.condition('shy'))?.message ?? '', /untolerated taint/)
  assert.equal(await cluster.condition('theirs'), undefined)
})
