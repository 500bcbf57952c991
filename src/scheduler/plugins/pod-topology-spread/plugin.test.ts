import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TopologySpreadConstraint } from '../../../api/types.generated.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import { argumentsOf } from '../../configuration/defaults.ts'
import { node, pod } from '../../scheduler-harness.ts'
import { fixture } from '../fixture.ts'
import { podTopologySpread } from './plugin.ts'

const zone = 'topology.kubernetes.io/zone'
const inZone = (name: string, value: string, more: Record<string, string> = {}) =>
  node(name, { labels: { [zone]: value, ...more } })
const zones = [inZone('a1', 'a'), inZone('a2', 'a'), inZone('b1', 'b'), inZone('c1', 'c')]
const web = (name: string, nodeName?: string, more: Parameters<typeof pod>[1] = {}) =>
  pod(name, { nodeName, labels: { app: 'web' }, ...more })
const constraint = (more: Partial<TopologySpreadConstraint> = {}): TopologySpreadConstraint => ({
  topologyKey: zone,
  maxSkew: 1,
  whenUnsatisfiable: 'DoNotSchedule',
  labelSelector: { matchLabels: { app: 'web' } },
  ...more,
})
const setup = (nodes: ReturnType<typeof node>[], pods: ReturnType<typeof pod>[], others: KubeObject[] = []) => {
  const cluster = fixture({ nodes, pods, others })
  const plugin = podTopologySpread(argumentsOf('PodTopologySpread'), cluster.cache, cluster.lookups)
  return {
    ...cluster,
    plugin,
    verdicts: (more: Partial<TopologySpreadConstraint> = {}, options: Parameters<typeof pod>[1] = {}) =>
      cluster.filter(
        plugin,
        web('p', undefined, { topologySpreadConstraints: [constraint(more)], ...options }),
      ) as Record<string, string>,
  }
}
const fitting = (verdicts: Record<string, string>) =>
  Object.keys(verdicts)
    .filter((name) => verdicts[name] === '')
    .sort()

test('a domain takes no pod that would leave the others too far behind', () => {
  const { verdicts } = setup(zones, [web('1', 'a1'), web('2', 'b1')])
  assert.deepEqual(fitting(verdicts()), ['c1'])
  assert.deepEqual(fitting(verdicts({ maxSkew: 2 })), ['a1', 'a2', 'b1', 'c1'])
  assert.equal(verdicts().a1, "unschedulable: node(s) didn't match pod topology spread constraints")
})

test('a node outside the topology takes none', () => {
  const { verdicts } = setup([...zones, node('out')], [])
  assert.equal(
    verdicts().out,
    "unresolvable: node(s) didn't match pod topology spread constraints (missing required label)",
  )
})

test('pods that are leaving, in other namespaces, or unlike do not count', () => {
  const deletionTimestamp = '2026-01-01T00:00:00Z'
  const { verdicts } = setup(zones, [
    web('1', 'a1', { metadata: { name: '1', namespace: 'default', labels: { app: 'web' }, deletionTimestamp } }),
    web('2', 'b1', { namespace: 'other' }),
    pod('3', { nodeName: 'c1', labels: { app: 'db' } }),
  ])
  assert.equal(fitting(verdicts()).length, 4)
})

test('with fewer domains than asked for, the least counts as none', () => {
  const { verdicts } = setup(zones, [web('1', 'a1'), web('2', 'b1'), web('3', 'c1')])
  assert.equal(fitting(verdicts()).length, 4)
  assert.equal(fitting(verdicts({ minDomains: 4 })).length, 0)
})

test('nodes where the pod may not be do not count, unless it says so', () => {
  const nodes = [inZone('a1', 'a', { disk: 'ssd' }), inZone('b1', 'b', { disk: 'ssd' }), inZone('c1', 'c')]
  const { verdicts } = setup(nodes, [web('1', 'a1'), web('2', 'b1')])
  const picky = { nodeSelector: { disk: 'ssd' } }
  assert.deepEqual(fitting(verdicts({}, picky)), ['a1', 'b1', 'c1'])
  assert.deepEqual(fitting(verdicts({ nodeAffinityPolicy: 'Ignore' }, picky)), ['c1'])
})

test('only pods of the same revision count with matchLabelKeys', () => {
  const { verdicts } = setup(zones, [web('1', 'a1', { labels: { app: 'web', hash: 'old' } })])
  const now = { labels: { app: 'web', hash: 'new' } }
  assert.equal(verdicts({}, now).a1 === '', false)
  assert.equal(verdicts({ matchLabelKeys: ['hash'] }, now).a1, '')
})

test('wishes prefer the less crowded domain', () => {
  const { score, plugin } = setup(zones, [web('1', 'a1'), web('2', 'a2'), web('3', 'b1')])
  const soft = constraint({ whenUnsatisfiable: 'ScheduleAnyway' })
  const scores = score(plugin, web('p', undefined, { topologySpreadConstraints: [soft] })) as Record<string, number>
  assert.equal(scores.a1, scores.a2)
  assert.ok(scores.c1! > scores.b1! && scores.b1! > scores.a1!)
  assert.equal(scores.c1, 100)
})

test('replicas are spread by default, as their owner selects them', () => {
  const set = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { matchLabels: { app: 'web' } } },
  }
  const { score, plugin } = setup([node('a'), node('b')], [web('1', 'a')], [set])
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'u', controller: true }]
  const replica = web('p', undefined, {
    metadata: { name: 'p', namespace: 'default', labels: { app: 'web' }, ownerReferences },
  })
  const scores = score(plugin, replica) as Record<string, number>
  assert.ok(scores.b! > scores.a!)
  assert.equal(score(plugin, web('lone')), 'skip')
})

test('pods are spread by the selector of their service', () => {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { app: 'web' } },
  }
  const { score, plugin } = setup([node('a'), node('b')], [web('1', 'a')], [service])
  const scores = score(plugin, web('p')) as Record<string, number>
  assert.ok(scores.b! > scores.a!)
})

test('a pod is tried again when a like pod goes or a domain comes', () => {
  const { wakes, plugin } = setup([], [])
  const wanting = web('p', undefined, { topologySpreadConstraints: [constraint()] })
  assert.equal(wakes(plugin, 'AssignedPod', wanting, web('1', 'a1'), undefined), true)
  assert.equal(wakes(plugin, 'AssignedPod', wanting, pod('1', { nodeName: 'a1' }), undefined), false)
  assert.equal(wakes(plugin, 'Node', wanting, undefined, inZone('d1', 'd')), true)
  assert.equal(wakes(plugin, 'Node', wanting, undefined, node('d1')), false)
})
