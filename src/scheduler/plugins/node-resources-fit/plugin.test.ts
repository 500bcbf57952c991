import assert from 'node:assert/strict'
import { test } from 'node:test'
import { argumentsOf } from '../../configuration/defaults.ts'
import { node, pod } from '../../scheduler-harness.ts'
import { fixture } from '../fixture.ts'
import { nodeResourcesFit as makeFit } from './plugin.ts'

const nodeResourcesFit = makeFit(argumentsOf('NodeResourcesFit'))

const size = (cpu: string, memory: string, more: Record<string, string> = {}) => ({
  allocatable: { cpu, memory, ...more },
})

test('a node that lacks something says all that it lacks', () => {
  const { filter } = fixture({
    nodes: [
      node('full', size('1', '1Gi', { pods: '1' })),
      node('small', size('1', '1Gi', { 'example.com/gpu': '1', 'ephemeral-storage': '1Gi' })),
      node('big', size('8', '32Gi', { 'example.com/gpu': '4', 'ephemeral-storage': '1Ti' })),
    ],
    pods: [pod('there', { nodeName: 'full', requests: { cpu: '500m' } })],
  })
  assert.deepEqual(filter(nodeResourcesFit, pod('p', { requests: { cpu: '800m' } })), {
    full: 'unschedulable: Too many pods, Insufficient cpu',
    small: '',
    big: '',
  })
  const requests = { cpu: '2', memory: '2Gi', 'example.com/gpu': '2', 'ephemeral-storage': '2Gi' }
  assert.deepEqual(filter(nodeResourcesFit, pod('p', { requests })), {
    full: 'unresolvable: Too many pods, Insufficient cpu, Insufficient memory, Insufficient ephemeral-storage, Insufficient example.com/gpu',
    small:
      'unresolvable: Insufficient cpu, Insufficient memory, Insufficient ephemeral-storage, Insufficient example.com/gpu',
    big: '',
  })
})

test('init containers count by the largest, sidecars with all, overhead on top', () => {
  const { filter } = fixture({ nodes: [node('n', size('3', '8Gi'))] })
  const container = (name: string, cpu: string, restartPolicy?: 'Always') => ({
    name,
    restartPolicy,
    resources: { requests: { cpu } },
  })
  const verdict = (options: Parameters<typeof pod>[1]) =>
    (filter(nodeResourcesFit, pod('p', options)) as Record<string, string>).n
  const containers = [container('a', '1'), container('b', '1')]
  assert.equal(verdict({ containers, initContainers: [container('i', '3')] as never }), '')
  assert.match(verdict({ containers, initContainers: [container('i', '3100m')] as never })!, /Insufficient cpu/)
  assert.match(
    verdict({ containers, initContainers: [container('s', '1100m', 'Always')] as never })!,
    /Insufficient cpu/,
  )
  const order = [container('s', '1', 'Always'), container('i', '2100m')]
  assert.match(verdict({ containers: [container('a', '1')], initContainers: order as never })!, /Insufficient cpu/)
  assert.equal(verdict({ containers: [container('a', '1')], initContainers: order.toReversed() as never }), '')
  assert.match(verdict({ containers, overhead: { cpu: '1100m' } })!, /Insufficient cpu/)
})

test('the node with more left is better', () => {
  const { score } = fixture({ nodes: [node('small', size('4', '10000')), node('large', size('6', '10000'))] })
  // Upstream's case "nothing scheduled, resources requested, differently sized nodes".
  assert.deepEqual(score(nodeResourcesFit, pod('p', { requests: { cpu: '3', memory: '5000' } })), {
    small: 37,
    large: 50,
  })
})

test('who asks for nothing counts as a little', () => {
  const { score } = fixture({
    nodes: [node('a', size('1', '1000Mi')), node('b', size('1', '1000Mi'))],
    pods: [pod('there', { nodeName: 'b' })],
  })
  assert.deepEqual(score(nodeResourcesFit, pod('p')), { a: 85, b: 70 })
})

test('a pod is tried again when a node grows enough, or a pod goes', () => {
  const { wakes } = fixture({ nodes: [] })
  const wanting = pod('p', { requests: { cpu: '2' } })
  const of = (cpu: string, memory = '8Gi') => node('n', size(cpu, memory))
  assert.equal(wakes(nodeResourcesFit, 'Node', wanting, of('1'), of('2')), true)
  assert.equal(wakes(nodeResourcesFit, 'Node', wanting, of('1'), of('1500m')), false)
  assert.equal(wakes(nodeResourcesFit, 'Node', wanting, of('2'), of('2', '9Gi')), false)
})
