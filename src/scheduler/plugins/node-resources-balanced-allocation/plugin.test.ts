import assert from 'node:assert/strict'
import { test } from 'node:test'
import { argumentsOf } from '../../configuration/defaults.ts'
import { node, pod } from '../../scheduler-harness.ts'
import { fixture } from '../fixture.ts'
import { nodeResourcesBalancedAllocation } from './plugin.ts'

const balanced = nodeResourcesBalancedAllocation(argumentsOf('NodeResourcesBalancedAllocation'))

const size = { allocatable: { cpu: '10', memory: '10000' } }

test('a pod goes where it evens out what is used', () => {
  const { score } = fixture({
    nodes: [node('cpu-heavy', size), node('empty', size), node('memory-heavy', size)],
    pods: [
      pod('c', { nodeName: 'cpu-heavy', requests: { cpu: '6', memory: '1000' } }),
      pod('m', { nodeName: 'memory-heavy', requests: { cpu: '1', memory: '6000' } }),
    ],
  })
  // Balance before: 75, 100 and 75; with the pod: 100, 75 and 55.
  const answer = score(balanced, pod('p', { requests: { cpu: '0', memory: '5000' } }))
  assert.deepEqual(answer, { 'cpu-heavy': 87, empty: 62, 'memory-heavy': 65 })
})

test('a pod that asks for nothing does not matter', () => {
  assert.equal(fixture({ nodes: [node('a')] }).score(balanced, pod('p')), 'skip')
})
