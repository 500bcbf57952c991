import assert from 'node:assert/strict'
import { test } from 'node:test'
import { node, pod } from '../../scheduler-harness.ts'
import { fixture } from '../fixture.ts'
import { nodePorts } from './plugin.ts'

const withPort = (
  name: string,
  hostPort: number,
  more: { hostIP?: string; protocol?: 'TCP' | 'UDP'; nodeName?: string } = {},
) => {
  const { nodeName, ...port } = more
  return pod(name, { nodeName, containers: [{ name: 'main', ports: [{ containerPort: 80, hostPort, ...port }] }] })
}

test('a port of a node goes to one pod, an address for all conflicts with each', () => {
  const cluster = fixture({
    nodes: [node('a')],
    pods: [withPort('all', 80, { nodeName: 'a' }), withPort('one', 443, { nodeName: 'a', hostIP: '10.0.0.1' })],
  })
  const verdict = (...args: Parameters<typeof withPort>) =>
    (cluster.filter(nodePorts, withPort(...args)) as Record<string, string>).a
  const taken = "unschedulable: node(s) didn't have free ports for the requested pod ports"
  assert.equal(verdict('p', 80), taken)
  assert.equal(verdict('p', 80, { hostIP: '10.0.0.2' }), taken)
  assert.equal(verdict('p', 80, { protocol: 'UDP' }), '')
  assert.equal(verdict('p', 443, { hostIP: '10.0.0.2' }), '')
  assert.equal(verdict('p', 443, { hostIP: '10.0.0.1' }), taken)
  assert.equal(verdict('p', 443), taken)
  assert.equal(verdict('p', 8080), '')
})

test('a pod is tried again when a pod with its port goes', () => {
  const { wakes } = fixture({ nodes: [] })
  assert.equal(
    wakes(nodePorts, 'AssignedPod', withPort('p', 80), withPort('q', 80, { nodeName: 'a' }), undefined),
    true,
  )
  assert.equal(
    wakes(nodePorts, 'AssignedPod', withPort('p', 80), withPort('q', 81, { nodeName: 'a' }), undefined),
    false,
  )
  assert.equal(wakes(nodePorts, 'AssignedPod', withPort('p', 80), withPort('q', 80), undefined), false)
})
