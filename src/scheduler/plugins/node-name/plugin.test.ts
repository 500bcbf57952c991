import assert from 'node:assert/strict'
import { test } from 'node:test'
import { node, pod } from '../../scheduler-harness.ts'
import { fixture } from '../fixture.ts'
import { nodeName } from './plugin.ts'

test('a pod that names its node can go to no other', () => {
  const { filter } = fixture({ nodes: [node('a'), node('b')] })
  assert.deepEqual(filter(nodeName, pod('any')), { a: '', b: '' })
  assert.deepEqual(filter(nodeName, pod('bound', { nodeName: 'b' })), { a: 'excluded', b: '' })
})
