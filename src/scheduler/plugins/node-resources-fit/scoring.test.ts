import assert from 'node:assert/strict'
import { test } from 'node:test'
import { node, pod } from '../../scheduler-harness.ts'
import { fixture } from '../fixture.ts'
import { nodeResourcesFit } from './plugin.ts'
import { scoreBy, type ScoringStrategy } from './scoring.ts'

const gpus = { 'example.com/gpu': '4' }
const nodes = [node('a', { allocatable: gpus }), node('b', { allocatable: gpus })]
const there = [pod('x', { nodeName: 'a', requests: { cpu: '2', memory: '2Gi', 'example.com/gpu': '2' } })]
const scores = (strategy: ScoringStrategy, requests: Record<string, string>) =>
  fixture({ nodes, pods: there }).score({ ...nodeResourcesFit, score: scoreBy(strategy) }, pod('p', { requests }))
const resources = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
]

test('MostAllocated prefers the fuller node, LeastAllocated the emptier one as by default', () => {
  const requests = { cpu: '1', memory: '2Gi' }
  assert.deepEqual(scores({ type: 'MostAllocated', resources }, requests), { a: 62, b: 25 })
  const plain = fixture({ nodes, pods: there }).score(nodeResourcesFit, pod('p', { requests }))
  assert.deepEqual(scores({ type: 'LeastAllocated', resources }, requests), plain)
})

test('an extended resource counts with its weight, for pods that ask for it', () => {
  const packing = [...resources, { name: 'example.com/gpu', weight: 8 }]
  assert.deepEqual(scores({ type: 'MostAllocated', resources: packing }, { cpu: '1', memory: '2Gi' }), { a: 62, b: 25 })
  const requests = { cpu: '1', memory: '2Gi', 'example.com/gpu': '1' }
  assert.deepEqual(scores({ type: 'MostAllocated', resources: packing }, requests), { a: 72, b: 25 })
})
