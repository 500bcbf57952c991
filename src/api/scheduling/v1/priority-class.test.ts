import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorText } from '../../../machinery/field-error.ts'
import type { PriorityClass } from '../../types.generated.ts'
import { priorityClasses } from './priority-class.ts'
import { defaultFeatureGates } from '../../features/feature-gates.ts'

const context = { now: 0, requestUser: { name: '', groups: [] }, subresource: '', enabled: defaultFeatureGates.enabled }
const classOf = (name: string, value: number, more: Partial<PriorityClass> = {}): PriorityClass => ({
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name },
  value,
  ...more,
})
const faults = (object: PriorityClass) => priorityClasses.rules.validate!(object, context).map(errorText)

test('priorities and names of the system are its own', () => {
  assert.deepEqual(faults(classOf('mine', 1_000_000_000)), [])
  assert.deepEqual(faults(classOf('mine', 1_000_000_001)), [
    'value: Forbidden: maximum allowed value of a user defined priority is 1000000000',
  ])
  assert.deepEqual(faults(classOf('system-node-critical', 2_000_001_000)), [])
  const reserved =
    "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: "
  assert.deepEqual(faults(classOf('system-mine', 1)), [`${reserved}system-mine is not a known system priority class`])
  assert.deepEqual(faults(classOf('system-cluster-critical', 1)), [
    `${reserved}value of system-cluster-critical PriorityClass must be 2000000000`,
  ])
})

test('value and preemption policy of a class stay as they are', () => {
  const old = classOf('mine', 1, { preemptionPolicy: 'Never' })
  const now = classOf('mine', 2, { preemptionPolicy: 'PreemptLowerPriority', description: 'new' })
  assert.deepEqual(priorityClasses.rules.validateUpdate!(now, old, context).map(errorText), [
    'value: Forbidden: may not be changed in an update.',
    'preemptionPolicy: Invalid value: "PreemptLowerPriority": field is immutable',
  ])
  assert.deepEqual(priorityClasses.rules.validateUpdate!({ ...old, description: 'new' }, old, context), [])
})
