import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod, PodDisruptionBudget } from '../../api/types.generated.ts'
import type { ResourceRef } from '../../api/definition.ts'
import { deepFreeze } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { Observed, View } from '../runtime/observed.ts'
import { reconcile } from './reconcile.ts'

const now = Date.parse('2026-01-01T00:00:00Z')
const pod = (name: string, ready = true, owner?: string): Pod =>
  deepFreeze({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'n',
      labels: { a: 'b' },
      ownerReferences:
        owner === undefined
          ? undefined
          : [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: owner, controller: true }],
    },
    spec: {},
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  }) as unknown as Pod
const replicaSet = (name: string, replicas: number) =>
  ({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, namespace: 'n', uid: name },
    spec: { replicas },
  }) as unknown as KubeObject

function status(spec: object, objects: readonly KubeObject[], before: object = {}) {
  const budget = deepFreeze({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'b', namespace: 'n', generation: 1 },
    spec: { selector: { matchLabels: { a: 'b' } }, ...spec },
    status: before,
  }) as unknown as PodDisruptionBudget
  const view = <T extends KubeObject>(ref: ResourceRef<T>): View<T> => {
    const list = objects.filter(({ kind }) => kind === ref.kind) as T[]
    return {
      list: () => list,
      get: (key) => list.find(({ metadata }) => `${metadata.namespace}/${metadata.name}` === key),
      byIndex: () => list,
    }
  }
  const plan = reconcile({ key: 'n/b', object: budget, now, view, owned: () => [] } as Observed<PodDisruptionBudget>)
  return { plan, status: plan.status!({ error: undefined }) }
}

test('a number of pods that must stay leaves the rest to be disrupted', () => {
  const { status: made } = status({ minAvailable: 2 }, [pod('1'), pod('2'), pod('3')])
  assert.deepEqual([made.currentHealthy, made.desiredHealthy, made.expectedPods, made.disruptionsAllowed], [3, 2, 3, 1])
  assert.deepEqual([made.conditions?.[0]?.status, made.conditions?.[0]?.reason], ['True', 'SufficientPods'])
})

test('a share is taken of what the controllers want, rounded up', () => {
  const objects = [
    replicaSet('r', 5),
    pod('1', true, 'r'),
    pod('2', true, 'r'),
    pod('3', true, 'r'),
    pod('4', false, 'r'),
  ]
  const { status: made } = status({ maxUnavailable: '30%' }, objects)
  assert.deepEqual([made.currentHealthy, made.desiredHealthy, made.expectedPods, made.disruptionsAllowed], [3, 3, 5, 0])
  assert.equal(made.conditions?.[0]?.reason, 'InsufficientPods')
})

test('pods whose eviction was granted count as gone, for a while', () => {
  const time = '2025-12-31T23:59:00Z'
  const { status: made, plan } = status({ minAvailable: 1 }, [pod('1'), pod('2')], {
    disruptedPods: { '1': time, gone: time },
  })
  assert.deepEqual([made.currentHealthy, made.disruptionsAllowed, made.disruptedPods], [1, 0, { '1': time }])
  assert.equal(plan.requeueAfterMs, 60_000)
  assert.equal(
    status({ minAvailable: 1 }, [pod('1'), pod('2')], { disruptedPods: { '1': '2025-12-31T23:57:00Z' } }).status
      .disruptionsAllowed,
    1,
  )
})

test('when the wanted number cannot be worked out nothing may be disrupted', () => {
  const { status: made, plan } = status({ maxUnavailable: 1 }, [pod('1', true, 'unknown')], {
    disruptionsAllowed: 5,
    currentHealthy: 1,
    desiredHealthy: 0,
    expectedPods: 1,
  })
  assert.equal(made.disruptionsAllowed, 0)
  assert.equal(made.conditions?.[0]?.reason, 'SyncFailed')
  assert.match(JSON.stringify(plan.steps), /CalculateExpectedPodCountFailed/)
})

test('a budget for no pod allows nothing, and says that it found none', () => {
  const { status: made, plan } = status({ minAvailable: 0 }, [])
  assert.equal(made.disruptionsAllowed, 0)
  assert.match(JSON.stringify(plan.steps), /NoPods/)
})
