import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RuleContext } from '../../definition.ts'
import { faultsOf, made, type Loose } from '../../rules.fixture.ts'
import { compositePodGroups } from '../v1alpha3/composite-pod-group.ts'
import { podGroups } from './pod-group.ts'
import { workloads } from './workload.ts'

const having = (...features: string[]): RuleContext => ({
  now: 0,
  requestUser: { name: 'ann', groups: [] } as never,
  subresource: '',
  enabled: (feature) => features.includes(feature),
})
const all = having('CompositePodGroup', 'TopologyAwareWorkloadScheduling', 'PodGroupPreemptionPolicy')
const basic = { schedulingPolicy: { basic: {} } }
const single = { disruptionMode: { single: {} } }
const group = (name: string, more: Loose = {}) => ({ name, ...basic, ...more })
const workload = (spec: Loose) => ({
  apiVersion: 'scheduling.k8s.io/v1beta1',
  kind: 'Workload',
  metadata: { name: 'w', namespace: 'd' },
  spec,
})
const faults = (spec: Loose, as = all) => faultsOf(workloads as never, workload(spec), as)

test('names of templates are unique in the whole tree', () => {
  const inner = { ...group('d', single), podGroupTemplates: [group('a'), group('b')] }
  const composite = { ...group('c', single), podGroupTemplates: [group('a')], compositePodGroupTemplates: [inner] }
  assert.deepEqual(faults({ compositePodGroupTemplates: [composite] }), [
    'spec.compositePodGroupTemplates[0].compositePodGroupTemplates[0].podGroupTemplates[0].name: Duplicate value: "a"',
  ])
})

test('a composite has children, and the tree is four high at most', () => {
  assert.deepEqual(faults({ compositePodGroupTemplates: [group('c', single)] }), [
    'spec.compositePodGroupTemplates[0]: Invalid value: "c": must have at least one child PodGroupTemplate or CompositePodGroupTemplate',
  ])
  const nested = (depth: number): Loose =>
    depth === 1
      ? { ...group('n1', single), podGroupTemplates: [group('leaf')] }
      : { ...group(`n${depth}`, single), compositePodGroupTemplates: [nested(depth - 1)] }
  assert.deepEqual(faults({ compositePodGroupTemplates: [nested(3)] }), [])
  assert.match(faults({ compositePodGroupTemplates: [nested(4)] }).join(), /maximum template hierarchy depth is 4/)
})

test('all templates are equally important', () => {
  const [first, second] = [group('a', { priority: 1 }), group('b', { priority: 2 })]
  assert.deepEqual(faults({ podGroupTemplates: [first, second] }), [
    'spec: Invalid value: null: detected multiple priority configurations',
  ])
})

test('members of features that are off are not kept', () => {
  const spec = {
    podGroupTemplates: [
      group('a', { schedulingConstraints: { topology: [{ key: 'rack' }] }, preemptionPolicy: 'Never' }),
    ],
    compositePodGroupTemplates: [{ ...group('c', single), podGroupTemplates: [group('b')] }],
  }
  const kept = made(workloads as never, workload(spec), having()) as unknown as { spec: Loose }
  assert.deepEqual(kept.spec, { podGroupTemplates: [group('a')] })
})

test('a pod group has a policy, its parent a workload, and what it may preempt is set where the feature is on', () => {
  const object = (kind: string, spec: Loose) => ({
    apiVersion: 'scheduling.k8s.io/v1beta1',
    kind,
    metadata: { name: 'g', namespace: 'd' },
    spec,
  })
  assert.deepEqual(
    faultsOf(podGroups as never, object('PodGroup', { ...basic, parentCompositePodGroupName: 'p' }), all),
    ['spec.workloadRef: Required value: must be set when parentCompositePodGroupName is set'],
  )
  assert.match(faultsOf(podGroups as never, object('PodGroup', {}), all).join(), /must specify one of: `basic`, `gang`/)
  const policy = (context: RuleContext) =>
    (made(podGroups as never, object('PodGroup', basic), context) as unknown as { spec: Loose }).spec[
      'preemptionPolicy'
    ]
  assert.deepEqual([policy(all), policy(having())], ['PreemptLowerPriority', undefined])
  assert.equal(compositePodGroups.rules.featureGate, 'CompositePodGroup')
})
