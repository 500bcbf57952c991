import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Node, Pod, Taint } from '../../api/types.generated.ts'
import { deepFreeze } from '../../machinery/json.ts'
import { evictionTime } from '../tainteviction/reconcile.ts'
import { silentConditions, wantedLabels, wantedTaints } from './reconcile.ts'

const now = '2026-01-01T00:00:00Z'
const node = (conditions: Record<string, string>, taints: Taint[] = [], unschedulable = false) =>
  deepFreeze({
    metadata: { name: 'n' },
    spec: { taints, unschedulable },
    status: { conditions: Object.entries(conditions).map(([type, status]) => ({ type, status })) },
  }) as unknown as Node
const short = (taints: readonly Taint[]) =>
  taints.map(({ key, effect }) => `${key.replace('node.kubernetes.io/', '')}:${effect}`)

test('a ready node loses the taints of its conditions and keeps those of others', () => {
  const taints: Taint[] = [
    { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' },
    { key: 'mine', effect: 'NoSchedule' },
  ]
  assert.deepEqual(short(wantedTaints(node({ Ready: 'True' }, taints), now)), ['mine:NoSchedule'])
})

test('a node that is not ready, out of reach, under pressure or cordoned is tainted', () => {
  assert.deepEqual(short(wantedTaints(node({ Ready: 'False' }), now)), ['not-ready:NoSchedule', 'not-ready:NoExecute'])
  assert.deepEqual(short(wantedTaints(node({ Ready: 'Unknown', MemoryPressure: 'True' }), now)), [
    'unreachable:NoSchedule',
    'memory-pressure:NoSchedule',
    'unreachable:NoExecute',
  ])
  assert.deepEqual(short(wantedTaints(node({ Ready: 'True' }, [], true), now)), ['unschedulable:NoSchedule'])
})

test('what is right stays the same list', () => {
  const right = node({ Ready: 'True' }, [{ key: 'mine', effect: 'NoExecute' }])
  assert.equal(wantedTaints(right, now), right.spec.taints)
})

test('a silent kubelet makes its conditions unknown, once', () => {
  const silent = silentConditions(node({ Ready: 'True', NetworkUnavailable: 'False' }), now)
  assert.deepEqual(
    silent.map(({ type, status, reason }) => [type, status, reason]),
    [
      ['Ready', 'Unknown', 'NodeStatusUnknown'],
      ['NetworkUnavailable', 'False', undefined],
      ['MemoryPressure', 'Unknown', 'NodeStatusNeverUpdated'],
      ['DiskPressure', 'Unknown', 'NodeStatusNeverUpdated'],
      ['PIDPressure', 'Unknown', 'NodeStatusNeverUpdated'],
    ],
  )
  const again = { ...node({}), status: { conditions: silent } } as Node
  assert.equal(silentConditions(again, 'later'), silent)
})

test('the beta labels follow the stable ones', () => {
  assert.deepEqual(wantedLabels({ 'kubernetes.io/os': 'linux' }), {
    'kubernetes.io/os': 'linux',
    'beta.kubernetes.io/os': 'linux',
  })
})

const pod = (tolerations: object[]) => ({ spec: { tolerations } }) as unknown as Pod
const taint: Taint = { key: 'k', effect: 'NoExecute', timeAdded: now }
const at = Date.parse(now)

test('a pod leaves at once, after its toleration, or never', () => {
  assert.equal(evictionTime(pod([]), [taint], at), 0)
  assert.equal(evictionTime(pod([{ key: 'k', operator: 'Exists', tolerationSeconds: 30 }]), [taint], at), at + 30_000)
  assert.equal(evictionTime(pod([{ operator: 'Exists' }]), [taint], at), undefined)
  assert.equal(evictionTime(pod([]), [{ ...taint, effect: 'NoSchedule' }], at), undefined)
})
