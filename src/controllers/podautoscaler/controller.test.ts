import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deployments } from '../../api/apps/v1/deployment.ts'
import { horizontalPodAutoscalers } from '../../api/autoscaling/v2/horizontal-pod-autoscaler.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { HorizontalPodAutoscaler } from '../../api/types.generated.ts'
import type { FakeClient } from '../../client/fake/fake-client.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { type Harness, startHarness } from '../runtime/harness.ts'
import { serveDiscovery } from '../runtime/serve-discovery.ts'
import { podAutoscalerController } from './controller.ts'

const labels = { app: 'web' }
const metricsPath = '/apis/metrics.k8s.io/v1beta1/namespaces/default/pods'
const autoscaler = (spec: Partial<HorizontalPodAutoscaler['spec']> = {}): KubeObject =>
  ({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web', namespace: 'default', generation: 1 },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 1,
      maxReplicas: 10,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      ],
      ...spec,
    },
  }) as unknown as KubeObject
const prepare = (client: FakeClient, replicas: number) => {
  serveDiscovery(client, deployments)
  client.seed(deployments, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas, selector: { matchLabels: labels } },
    status: { replicas },
  } as unknown as KubeObject)
  for (let index = 0; index < replicas; index++)
    client.seed(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `web-${index}`, namespace: 'default', labels },
      spec: { containers: [{ name: 'c', resources: { requests: { cpu: '100m' } } }] },
      status: {
        phase: 'Running',
        startTime: '1969-01-01T00:00:00Z',
        conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '1969-01-01T00:00:10Z' }],
      },
    } as unknown as KubeObject)
}
const measure = (client: FakeClient, ...cpu: string[]) =>
  client.serve(metricsPath, {
    items: cpu.map((usage, index) => ({
      metadata: { name: `web-${index}` },
      timestamp: '1970-01-01T00:00:00Z',
      window: '30s',
      containers: [{ name: 'c', usage: { cpu: usage } }],
    })),
  })
const start = (replicas: number) =>
  startHarness({ controllers: [podAutoscalerController], prepare: (client) => prepare(client, replicas) })
const replicas = ({ client }: Harness) => client.objects(deployments)[0]!.spec.replicas
const the = ({ client }: Harness) => client.objects(horizontalPodAutoscalers)[0]!
const conditions = (harness: Harness) =>
  the(harness).status.conditions!.map(({ type, status, reason }) => `${type}=${status} ${reason}`)

test('it scales up to where pods use what they should, and says so', async () => {
  const harness = start(2)
  measure(harness.client, '80m', '100m')
  harness.client.seed(horizontalPodAutoscalers, autoscaler())
  await harness.settle()
  assert.equal(replicas(harness), 4)
  assert.deepEqual(harness.events, [
    'Normal SuccessfulRescale New size: 4; reason: cpu resource utilization (percentage of request) above target',
  ])
  assert.deepEqual(conditions(harness), [
    'AbleToScale=True SucceededRescale',
    'ScalingActive=True ValidMetricFound',
    'ScalingLimited=False DesiredWithinRange',
    'ScaledToZero=False NotScaledToZero',
  ])
  const { status } = the(harness)
  assert.deepEqual([status.currentReplicas, status.desiredReplicas, status.observedGeneration], [2, 4, 1])
  assert.deepEqual(status.currentMetrics, [
    { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 90, averageValue: '90m' } } },
  ])
  await harness.stop()
})

test('it scales down after five minutes of less, and not for a small difference', async () => {
  const harness = start(4)
  measure(harness.client, '10m', '10m', '10m', '10m')
  harness.client.seed(horizontalPodAutoscalers, autoscaler())
  await harness.advance(4 * 60_000)
  assert.equal(replicas(harness), 4)
  assert.ok(conditions(harness).includes('AbleToScale=True ScaleDownStabilized'))
  await harness.advance(2 * 60_000)
  assert.equal(replicas(harness), 1)
  await harness.stop()

  const steady = start(4)
  measure(steady.client, '52m', '52m', '52m', '52m')
  steady.client.seed(horizontalPodAutoscalers, autoscaler())
  await steady.advance(60_000)
  assert.equal(replicas(steady), 4)
  const before = steady.client.writes().length
  await steady.advance(600_000)
  assert.equal(steady.client.writes().length, before)
  await steady.stop()
})

test('without metrics it does nothing, and tells why', async () => {
  const harness = start(2)
  harness.client.seed(horizontalPodAutoscalers, autoscaler())
  await harness.settle()
  assert.equal(replicas(harness), 2)
  assert.ok(conditions(harness).includes('ScalingActive=False FailedGetResourceMetric'))
  assert.match(
    harness.events[0]!,
    /^Warning FailedGetResourceMetric failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: /,
  )
  assert.match(
    harness.events[1]!,
    /^Warning FailedComputeMetricsReplicas invalid metrics \(1 invalid out of 1\), first error is: failed to get cpu resource metric value: failed to get cpu utilization: /,
  )
  await harness.stop()
})

test('bounds hold whatever the metrics say, and zero switches it off', async () => {
  const many = start(12)
  many.client.seed(horizontalPodAutoscalers, autoscaler())
  await many.settle()
  assert.equal(replicas(many), 10)
  await many.stop()

  const none = start(0)
  none.client.seed(horizontalPodAutoscalers, autoscaler())
  await none.settle()
  assert.equal(replicas(none), 0)
  assert.ok(conditions(none).includes('ScalingActive=False ScalingDisabled'))
  await none.stop()
})

test('two autoscalers do not fight over the same pods', async () => {
  const harness = start(2)
  measure(harness.client, '80m', '100m')
  harness.client.seed(horizontalPodAutoscalers, autoscaler({ maxReplicas: 2 }))
  await harness.settle()
  harness.client.seed(horizontalPodAutoscalers, { ...autoscaler(), metadata: { name: 'zeb', namespace: 'default' } })
  await harness.settle()
  assert.ok(
    harness.events.includes(
      'Warning AmbiguousSelector pods by selector app=web are controlled by more than one HPA (e.g. [default/web default/zeb])',
    ),
  )
  assert.equal(replicas(harness), 2)
  await harness.stop()
})

test('a target that is not there is told', async () => {
  const harness = start(1)
  const scaleTargetRef = { apiVersion: 'x.io/v1', kind: 'Thing', name: 'web' }
  harness.client.seed(horizontalPodAutoscalers, autoscaler({ scaleTargetRef }))
  await harness.settle()
  assert.deepEqual(harness.events, ['Warning FailedGetScale no matches for kind "Thing" in group "x.io"'])
  assert.deepEqual(conditions(harness), ['AbleToScale=False FailedGetScale'])
  await harness.stop()
})
