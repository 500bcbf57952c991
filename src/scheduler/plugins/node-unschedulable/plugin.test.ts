import assert from 'node:assert/strict'
import { test } from 'node:test'
import { node, pod } from '../../scheduler-harness.ts'
import { fixture } from '../fixture.ts'
import { nodeUnschedulable } from './plugin.ts'

const cordoned = node('c', { spec: { unschedulable: true } })
const open = node('c')
const { filter, wakes } = fixture({ nodes: [cordoned, node('o')] })

test('a cordoned node takes only pods that tolerate that', () => {
  assert.deepEqual(filter(nodeUnschedulable, pod('any')), { c: 'unresolvable: node(s) were unschedulable', o: '' })
  const tolerations = [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists' as const }]
  assert.deepEqual(filter(nodeUnschedulable, pod('daemon', { tolerations })), { c: '', o: '' })
})

test('a pod is tried again when a node is uncordoned or added, not for other changes', () => {
  assert.equal(wakes(nodeUnschedulable, 'Node', pod('any'), cordoned, open), true)
  assert.equal(wakes(nodeUnschedulable, 'Node', pod('any'), undefined, open), true)
  assert.equal(wakes(nodeUnschedulable, 'Node', pod('any'), undefined, cordoned), false)
  assert.equal(wakes(nodeUnschedulable, 'Node', pod('any'), open, open), false)
})
