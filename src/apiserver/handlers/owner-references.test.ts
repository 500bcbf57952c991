import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Draft } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { dedupOwnerReferences } from './owner-references.ts'

test('an owner that is named twice alike is kept once, and its uid told of', () => {
  const owner = (name: string, uid: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', name, uid })
  const [a, other, b] = [owner('a', '1'), owner('other', '1'), owner('b', '2')]
  const draft = {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { name: 'x', ownerReferences: [a, b, { ...a }, other, { ...b }] },
  } as Draft<KubeObject>
  const warnings: string[] = []
  dedupOwnerReferences(draft, (text) => warnings.push(text), false)
  assert.deepEqual(draft.metadata.ownerReferences, [a, b, other])
  assert.match(warnings.join(), /duplicate UID\(s\) observed: 1, 2$/)
})
