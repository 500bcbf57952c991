import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NodeAffinity, NodeSelectorTerm } from '../../../api/types.generated.ts'
import { node, pod } from '../../scheduler-harness.ts'
import { fixture } from '../fixture.ts'
import { nodeAffinity as makeNodeAffinity } from './plugin.ts'

const nodeAffinity = makeNodeAffinity({})

const cluster = fixture({
  nodes: [
    node('a', { labels: { disk: 'ssd', cores: '8' } }),
    node('b', { labels: { disk: 'hdd', cores: '16' } }),
    node('c'),
  ],
})
const fitting = (options: Parameters<typeof pod>[1]) => {
  const answer = cluster.filter(nodeAffinity, pod('any', options))
  return typeof answer === 'string' ? answer : Object.keys(answer).filter((name) => answer[name] === '')
}
const required = (...nodeSelectorTerms: NodeSelectorTerm[]): { affinity: { nodeAffinity: NodeAffinity } } => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
})
type Expression = NonNullable<NodeSelectorTerm['matchExpressions']>[number]
const expression = (key: string, operator: Expression['operator'], ...values: string[]): Expression => ({
  key,
  operator,
  values,
})

test('a pod goes where its node selector matches', () => {
  assert.deepEqual(fitting({}), ['a', 'b', 'c'])
  assert.deepEqual(fitting({ nodeSelector: { disk: 'ssd' } }), ['a'])
  const answer = cluster.filter(nodeAffinity, pod('any', { nodeSelector: { disk: 'ssd' } }))
  assert.equal((answer as Record<string, string>).b, "unresolvable: node(s) didn't match Pod's node affinity/selector")
})

test('of the required terms one must match, of its expressions all', () => {
  assert.deepEqual(fitting(required({ matchExpressions: [expression('disk', 'In', 'ssd', 'nvme')] })), ['a'])
  assert.deepEqual(fitting(required({ matchExpressions: [expression('disk', 'NotIn', 'ssd')] })), ['b', 'c'])
  assert.deepEqual(fitting(required({ matchExpressions: [expression('disk', 'Exists')] })), ['a', 'b'])
  assert.deepEqual(fitting(required({ matchExpressions: [expression('disk', 'DoesNotExist')] })), ['c'])
  assert.deepEqual(fitting(required({ matchExpressions: [expression('cores', 'Gt', '8')] })), ['b'])
  assert.deepEqual(fitting(required({ matchExpressions: [expression('cores', 'Lt', '9')] })), ['a'])
  assert.deepEqual(
    fitting(required({ matchExpressions: [expression('disk', 'Exists'), expression('cores', 'Gt', '8')] })),
    ['b'],
  )
  assert.deepEqual(
    fitting(
      required(
        { matchExpressions: [expression('disk', 'In', 'ssd')] },
        { matchExpressions: [expression('cores', 'Gt', '8')] },
      ),
    ),
    ['a', 'b'],
  )
  assert.deepEqual(fitting(required({})), [], 'an empty term matches nothing')
  assert.deepEqual(
    fitting(required({ matchExpressions: [expression('cores', 'Gt', 'many')] })),
    [],
    'nor does a wrong one',
  )
})

test('a pod that names nodes by field goes to those', () => {
  const field = (...values: string[]) => ({ matchFields: [expression('metadata.name', 'In', ...values)] })
  assert.deepEqual(fitting(required(field('b'))), ['b'])
  assert.equal(
    fitting(
      required({ matchFields: [expression('metadata.name', 'In', 'a'), expression('metadata.name', 'In', 'b')] }),
    ),
    'unresolvable: pod affinity terms conflict',
  )
})

test('preferred terms add their weights', () => {
  const preferred = {
    affinity: {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 2, preference: { matchExpressions: [expression('disk', 'In', 'ssd')] } },
          { weight: 4, preference: { matchExpressions: [expression('disk', 'Exists')] } },
        ],
      },
    },
  }
  assert.deepEqual(cluster.score(nodeAffinity, pod('any', preferred)), { a: 100, b: 66, c: 0 })
  assert.equal(cluster.score(nodeAffinity, pod('any')), 'skip')
})

test('a pod is tried again when a node comes to match', () => {
  const wanting = pod('any', { nodeSelector: { disk: 'ssd' } })
  const ssd = node('x', { labels: { disk: 'ssd' } })
  assert.equal(cluster.wakes(nodeAffinity, 'Node', wanting, node('x'), ssd), true)
  assert.equal(cluster.wakes(nodeAffinity, 'Node', wanting, ssd, ssd), false)
  assert.equal(cluster.wakes(nodeAffinity, 'Node', wanting, undefined, node('x')), false)
})
