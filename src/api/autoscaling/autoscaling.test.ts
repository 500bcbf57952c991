import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leases } from '../coordination/v1/lease.ts'
import { runtimeClasses } from '../node/v1/runtime-class.ts'
import { podDisruptionBudgets } from '../policy/v1/pod-disruption-budget.ts'
import { faultsOf, faultsOfChange, merged, type Loose } from '../rules.fixture.ts'
import { priorityClasses } from '../scheduling/v1/priority-class.ts'
import { horizontalPodAutoscalersV1 } from './v1/horizontal-pod-autoscaler.ts'
import { horizontalPodAutoscalers } from './v2/horizontal-pod-autoscaler.ts'

const metadata = { name: 'h', namespace: 'd' }
const autoscaler = (spec: Loose = {}) => ({
  metadata,
  spec: merged({ maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' } }, spec),
})
const target = { type: 'Value', value: '1' }

test('an autoscaler scales something between bounds', () => {
  assert.deepEqual(faultsOf(horizontalPodAutoscalers, autoscaler()), [])
  assert.deepEqual(faultsOf(horizontalPodAutoscalersV1, autoscaler()), [])
  assert.deepEqual(faultsOf(horizontalPodAutoscalers, autoscaler({ maxReplicas: 0 })), [
    'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
    'spec.maxReplicas: Required value',
  ])
  assert.deepEqual(faultsOf(horizontalPodAutoscalers, autoscaler({ scaleTargetRef: { apiVersion: 'v1' } })), [
    'spec.scaleTargetRef.apiVersion: Invalid value: "v1": apiVersion must specify API group',
  ])
  assert.deepEqual(faultsOf(horizontalPodAutoscalers, autoscaler({ minReplicas: 0 })), [
    'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas',
  ])
})

test('metrics say what they measure, and once', () => {
  const faults = (...metrics: Loose[]) => faultsOf(horizontalPodAutoscalers, autoscaler({ metrics }))
  const external = { metric: { name: 'q' }, target }
  assert.deepEqual(faults({ type: 'External', external }), [])
  assert.deepEqual(faults({ type: 'Pods' }), [
    'spec.metrics[0].pods: Required value: must populate information for the given metric source',
  ])
  assert.deepEqual(faults({ type: 'External', external, resource: { name: 'cpu', target } }), [
    'spec.metrics[0].resource: Forbidden: must populate the given metric source only',
  ])
  assert.deepEqual(faults({ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization' } } }), [
    'spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization',
  ])
})

test('behaviour has policies within bounds', () => {
  const scaleUp = { policies: [{ type: 'Pods', value: 0, periodSeconds: 1801 }], stabilizationWindowSeconds: 3601 }
  assert.deepEqual(faultsOf(horizontalPodAutoscalers, autoscaler({ behavior: { scaleUp } })), [
    'spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600',
    'spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero',
    'spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800',
  ])
})

test('a budget says one of two numbers', () => {
  const budget = (spec: Loose) => ({ metadata, spec })
  assert.deepEqual(faultsOf(podDisruptionBudgets, budget({ minAvailable: '50%' })), [])
  assert.deepEqual(faultsOf(podDisruptionBudgets, budget({ minAvailable: 1, maxUnavailable: '101%' })), [
    'spec: Invalid value: {"MinAvailable":1,"Selector":null,"MaxUnavailable":"101%","UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set',
    'spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
  ])
})

test('a lease lasts', () => {
  assert.deepEqual(faultsOf(leases, { metadata, spec: { leaseDurationSeconds: 0, leaseTransitions: -1 } }), [
    'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
    'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0',
  ])
})

test('a RuntimeClass has a handler, and keeps it', () => {
  const runc = { metadata: { name: 'r' }, handler: 'runc' }
  assert.deepEqual(faultsOf(runtimeClasses, runc), [])
  assert.deepEqual(faultsOf(runtimeClasses, { metadata: { name: 'r' } }), ['handler: Required value'])
  assert.deepEqual(faultsOfChange(runtimeClasses, runc, { handler: 'x' }), [
    'handler: Invalid value: null: field is immutable',
  ])
})

test('a PriorityClass stays below those of the system, and as it is', () => {
  const low = { metadata: { name: 'p' }, value: 1 }
  assert.deepEqual(faultsOf(priorityClasses, low), [])
  assert.deepEqual(faultsOf(priorityClasses, { ...low, value: 1_000_000_001, preemptionPolicy: 'X' }), [
    'value: Forbidden: maximum allowed value of a user defined priority is 1000000000',
    'preemptionPolicy: Unsupported value: "X": supported values: "PreemptLowerPriority", "Never"',
  ])
  assert.deepEqual(faultsOfChange(priorityClasses, low, { value: 2 }), [
    'value: Forbidden: may not be changed in an update.',
  ])
})
