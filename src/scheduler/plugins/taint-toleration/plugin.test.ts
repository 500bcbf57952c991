import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Taint, Toleration } from '../../../api/types.generated.ts'
import { node, pod } from '../../scheduler-harness.ts'
import { fixture } from '../fixture.ts'
import { taintToleration } from './plugin.ts'

const tainted = (name: string, ...taints: Taint[]) => node(name, { spec: { taints } })
const gpu: Taint = { key: 'gpu', value: 'yes', effect: 'NoSchedule' }
const cluster = fixture({
  nodes: [
    tainted('plain'),
    tainted('gpu', gpu),
    tainted('leaving', { key: 'out', effect: 'NoExecute' }),
    tainted('soft', { key: 'slow', effect: 'PreferNoSchedule' }),
  ],
})
const verdicts = (...tolerations: Toleration[]) => {
  const answer = cluster.filter(taintToleration, pod('any', { tolerations })) as Record<string, string>
  return Object.keys(answer).filter((name) => answer[name] === '')
}

test('a pod goes only where it tolerates all hard taints', () => {
  assert.deepEqual(verdicts(), ['plain', 'soft'])
  assert.deepEqual(verdicts({ key: 'gpu', value: 'yes' }), ['plain', 'gpu', 'soft'])
  assert.deepEqual(verdicts({ key: 'gpu', value: 'no' }), ['plain', 'soft'])
  assert.deepEqual(verdicts({ key: 'gpu', operator: 'Exists', effect: 'NoExecute' }), ['plain', 'soft'])
  assert.deepEqual(verdicts({ operator: 'Exists' }), ['plain', 'gpu', 'leaving', 'soft'])
  const answer = cluster.filter(taintToleration, pod('any')) as Record<string, string>
  assert.equal(answer.gpu, 'unresolvable: node(s) had untolerated taint(s)')
})

test('the fewer soft taints a pod does not tolerate, the better the node', () => {
  const soft = (key: string): Taint => ({ key, effect: 'PreferNoSchedule' })
  const { score } = fixture({
    nodes: [tainted('none'), tainted('one', soft('a')), tainted('two', soft('a'), soft('b'))],
  })
  assert.deepEqual(score(taintToleration, pod('any')), { none: 100, one: 50, two: 0 })
  const tolerations: Toleration[] = [{ key: 'a', operator: 'Exists' }]
  assert.deepEqual(score(taintToleration, pod('any', { tolerations })), { none: 100, one: 100, two: 0 })
})

test('a pod is tried again when a taint that it does not tolerate goes', () => {
  assert.equal(cluster.wakes(taintToleration, 'Node', pod('any'), tainted('n', gpu), tainted('n')), true)
  assert.equal(cluster.wakes(taintToleration, 'Node', pod('any'), tainted('n'), tainted('n', gpu)), false)
})
