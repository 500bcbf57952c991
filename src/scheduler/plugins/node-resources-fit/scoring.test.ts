import assert from 'node:assert/strict'
import { test } from 'node:test'
import { argumentsOf } from '../../configuration/defaults.ts'
import type { ScoringStrategy } from '../../configuration/types.ts'
import { node, pod } from '../../scheduler-harness.ts'
import { fixture } from '../fixture.ts'
import { nodeResourcesFit } from './plugin.ts'

const gpus = { 'example.com/gpu': '4' }
const nodes = [node('a', { allocatable: gpus }), node('b', { allocatable: gpus })]
const there = [pod('x', { nodeName: 'a', requests: { cpu: '2', memory: '2Gi', 'example.com/gpu': '2' } })]
const scores = (strategy: ScoringStrategy, requests: Record<string, string>) =>
  fixture({ nodes, pods: there }).score(
    nodeResourcesFit(argumentsOf('NodeResourcesFit', { scoringStrategy: strategy })),
    pod('p', { requests }),
  )
const resources = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
]

test('MostAllocated prefers the fuller node, LeastAllocated the emptier one as by default', () => {
  const requests = { cpu: '1', memory: '2Gi' }
  assert.deepEqual(scores({ type: 'MostAllocated', resources }, requests), { a: 62, b: 25 })
  const plain = fixture({ nodes, pods: there }).score(
    nodeResourcesFit(argumentsOf('NodeResourcesFit')),
    pod('p', { requests }),
  )
  assert.deepEqual(scores({ type: 'LeastAllocated', resources }, requests), plain)
})

test('an extended resource counts with its weight, for pods that ask for it', () => {
  const packing = [...resources, { name: 'example.com/gpu', weight: 8 }]
  assert.deepEqual(scores({ type: 'MostAllocated', resources: packing }, { cpu: '1', memory: '2Gi' }), { a: 62, b: 25 })
  const requests = { cpu: '1', memory: '2Gi', 'example.com/gpu': '1' }
  assert.deepEqual(scores({ type: 'MostAllocated', resources: packing }, requests), { a: 72, b: 25 })
})

test('a shape says what each share of use is worth, in whole steps; what is worth nothing does not count', () => {
  const packing = [
    { utilization: 0, score: 0 },
    { utilization: 100, score: 10 },
  ]
  const strategy = { type: 'RequestedToCapacityRatio', resources, requestedToCapacityRatio: { shape: packing } }
  assert.deepEqual(scores(strategy, { cpu: '1', memory: '2Gi' }), { a: 63, b: 25 })
  const spreading = { ...strategy, requestedToCapacityRatio: { shape: [packing[1]!, packing[0]!].map(turned) } }
  assert.deepEqual(scores(spreading, { cpu: '4', memory: '2Gi' }), { a: 50, b: 75 })
})
const turned = ({ utilization }: { utilization: number }) => ({
  utilization: 100 - utilization,
  score: utilization / 10,
})
