import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Node } from '../../../api/types.generated.ts'
import { node, pod } from '../../scheduler-harness.ts'
import { fixture } from '../fixture.ts'
import { nodeDeclaredFeatures } from './plugin.ts'

const declaring = (name: string, ...declaredFeatures: string[]): Node => {
  const plain = node(name)
  return { ...plain, status: { ...plain.status!, declaredFeatures } }
}
const restarting = pod('p', {
  containers: [
    {
      name: 'main',
      restartPolicyRules: [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [1] } }],
    },
  ],
})
const feature = 'RestartAllContainersOnContainerExits'

test('a pod that needs a feature of the kubelet goes where it is declared', () => {
  const { filter } = fixture({ nodes: [declaring('old'), declaring('new', 'Other', feature)] })
  assert.deepEqual(filter(nodeDeclaredFeatures, restarting), {
    old: "unresolvable: node(s) didn't match Pod's required features",
    new: '',
  })
  assert.deepEqual(filter(nodeDeclaredFeatures, pod('plain')), { old: '', new: '' })
})

test('a pod is tried again when a node declares other features', () => {
  const { wakes } = fixture({ nodes: [] })
  const wakesFor = (old: Node, now: Node) => wakes(nodeDeclaredFeatures, 'Node', restarting, old, now)
  assert.equal(wakesFor(declaring('n'), declaring('n', feature)), true)
  assert.equal(wakesFor(declaring('n', feature), declaring('n', feature)), false)
})
