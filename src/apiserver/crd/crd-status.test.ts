import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CustomResourceDefinition } from '../../api/types.generated.ts'
import { deepFreeze } from '../../machinery/json.ts'
import { crdCondition, isEstablished, namedStatus } from './crd-status.ts'

const now = '2026-01-01T00:00:00Z'
function crd(plural: string, names: object = {}): CustomResourceDefinition {
  return deepFreeze({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.g` },
    spec: {
      group: 'g',
      scope: 'Namespaced',
      names: { plural, singular: `${plural}1`, kind: `K${plural}`, listKind: `K${plural}List`, ...names },
      versions: [{ name: 'v1', served: true, storage: true }],
    },
  }) as unknown as CustomResourceDefinition
}

test('fresh names are accepted and the kind is established', () => {
  const done = namedStatus(crd('foos'), [], now)
  assert.ok(isEstablished(done))
  assert.equal(done.status?.acceptedNames.plural, 'foos')
  assert.deepEqual(done.status?.storedVersions, ['v1'])
  assert.equal(crdCondition(done, 'NamesAccepted')?.reason, 'NoConflicts')
})

test('what is settled stays the same object', () => {
  const done = namedStatus(crd('foos'), [], now)
  assert.equal(namedStatus(done, [], 'later'), done)
})

test('a name that another kind of the group has is refused, and the kind is not served', () => {
  const other = namedStatus(crd('foos', { shortNames: ['f'] }), [], now)
  const plural = namedStatus(crd('bars', { singular: 'foos' }), [other], now)
  assert.equal(isEstablished(plural), false)
  assert.deepEqual(
    [crdCondition(plural, 'NamesAccepted')?.reason, crdCondition(plural, 'NamesAccepted')?.message],
    ['SingularConflict', '"foos" is already in use'],
  )
  const short = namedStatus(crd('bars', { shortNames: ['f', 'b'] }), [other], now)
  assert.equal(crdCondition(short, 'NamesAccepted')?.reason, 'ShortNamesConflict')
  assert.equal(short.status?.acceptedNames.plural, 'bars')
})
