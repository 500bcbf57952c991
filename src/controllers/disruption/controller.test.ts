import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pods } from '../../api/core/v1/pod.ts'
import { podDisruptionBudgets } from '../../api/policy/v1/pod-disruption-budget.ts'
import type { ResourceRef } from '../../api/definition.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { startHarness } from '../runtime/harness.ts'
import { serveDiscovery } from '../runtime/serve-discovery.ts'
import { disruptionController } from './controller.ts'

const things: ResourceRef = { group: 'x.io', version: 'v1', kind: 'Thing', resource: 'things', namespaced: true }
const budget = (name: string, spec: object): KubeObject =>
  ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace: 'default', generation: 1 },
    spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
    status: {},
  }) as unknown as KubeObject
const pod = (name: string, owner?: KubeObject): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      labels: { app: 'web' },
      ownerReferences: owner && [
        {
          apiVersion: owner.apiVersion,
          kind: owner.kind,
          name: owner.metadata.name,
          uid: owner.metadata.uid,
          controller: true,
        },
      ],
    },
    spec: { containers: [] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  }) as unknown as KubeObject
const start = () => startHarness({ controllers: [disruptionController] })

test('pods of a custom controller count by its scale', async () => {
  const harness = start()
  serveDiscovery(harness.client, things)
  const [thing] = harness.client.seed(things, {
    apiVersion: 'x.io/v1',
    kind: 'Thing',
    metadata: { name: 't', namespace: 'default' },
    spec: { replicas: 3 },
  } as unknown as KubeObject)
  for (const name of ['a', 'b', 'c']) harness.client.seed(pods, pod(name, thing))
  harness.client.seed(podDisruptionBudgets, budget('b', { maxUnavailable: 1 }))
  await harness.settle()
  const { status } = harness.client.objects(podDisruptionBudgets)[0]!
  assert.deepEqual([status.expectedPods, status.desiredHealthy, status.disruptionsAllowed], [3, 2, 1])
  const before = harness.client.writes().length
  await harness.advance(60_000)
  assert.equal(harness.client.writes().length, before)
  await harness.client.delete(pods, { namespace: 'default', name: 'a' })
  await harness.advance(1000)
  assert.equal(harness.client.objects(podDisruptionBudgets)[0]!.status.disruptionsAllowed, 0)
  await harness.stop()
})

test('a pod in two budgets is told about', async () => {
  const harness = start()
  harness.client.seed(podDisruptionBudgets, budget('a', { minAvailable: 1 }), budget('b', { minAvailable: 1 }))
  await harness.settle()
  harness.client.seed(pods, pod('p'))
  await harness.settle()
  assert.ok(
    harness.events.includes(
      'Warning MultiplePodDisruptionBudgets Pod "default"/"p" matches multiple PodDisruptionBudgets.  Chose "a" arbitrarily.',
    ),
  )
  await harness.stop()
})

test('a disruption that does not come is called off after two minutes', async () => {
  const harness = start()
  harness.client.seed(pods, pod('p'))
  await harness.client.patch(
    pods,
    { namespace: 'default', name: 'p' },
    'strategic',
    {
      status: {
        conditions: [
          { type: 'DisruptionTarget', status: 'True', lastTransitionTime: new Date(harness.clock.now()).toISOString() },
        ],
      },
    },
    { subresource: 'status' },
  )
  const announced = () =>
    harness.client.objects(pods)[0]!.status.conditions!.find(({ type }) => type === 'DisruptionTarget')!.status
  await harness.advance(110_000)
  assert.equal(announced(), 'True')
  await harness.advance(20_000)
  assert.equal(announced(), 'False')
  await harness.stop()
})
