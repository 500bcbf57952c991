import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CustomResourceDefinition } from '../../api/types.generated.ts'
import { deepFreeze } from '../../machinery/json.ts'
import { crdCondition, isEstablished, crdStatus } from './crd-status.ts'

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

function withSpec(spec: object): CustomResourceDefinition {
  const made = crd('foos')
  return deepFreeze({ ...made, spec: { ...made.spec, ...spec } }) as CustomResourceDefinition
}
const told = (status: CustomResourceDefinition['status']) =>
  (status?.conditions ?? []).map(({ type, status: value, reason }) => `${type} ${value} ${reason}`)

test('fresh names are accepted and the kind is established', () => {
  const done = crdStatus(crd('foos'), [], now)
  assert.ok(isEstablished(done))
  assert.equal(done.status?.acceptedNames.plural, 'foos')
  assert.deepEqual(done.status?.storedVersions, ['v1'])
  assert.equal(crdCondition(done, 'NamesAccepted')?.reason, 'NoConflicts')
})

test('what is settled stays the same object', () => {
  const done = crdStatus(crd('foos'), [], now)
  assert.equal(crdStatus(done, [], 'later'), done)
})

test('a name that another kind of the group has is refused, and the kind is not served', () => {
  const other = crdStatus(crd('foos', { shortNames: ['f'] }), [], now)
  const plural = crdStatus(crd('bars', { singular: 'foos' }), [other], now)
  assert.equal(isEstablished(plural), false)
  assert.deepEqual(
    [crdCondition(plural, 'NamesAccepted')?.reason, crdCondition(plural, 'NamesAccepted')?.message],
    ['SingularConflict', '"foos" is already in use'],
  )
  const short = crdStatus(crd('bars', { shortNames: ['f', 'b'] }), [other], now)
  assert.equal(crdCondition(short, 'NamesAccepted')?.reason, 'ShortNamesConflict')
  assert.equal(short.status?.acceptedNames.plural, 'bars')
})

test('a definition whose webhook has no valid CA is not established', () => {
  const conversion = { strategy: 'Webhook', webhook: { clientConfig: { caBundle: 'YWJj' } } }
  const { status } = crdStatus(withSpec({ conversion }), [], now)
  assert.deepEqual(told(status), ['NamesAccepted True NoConflicts', 'Established False InvalidCABundle'])
})

test('schemas that are not structural, and groups of the community, have conditions of their own', () => {
  const versions = [
    { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { a: {} } } } },
  ]
  const made = crdStatus(withSpec({ versions, group: 'x.k8s.io' }), [], now)
  assert.deepEqual(told(made.status).slice(2), [
    'NonStructuralSchema True Violations',
    'KubernetesAPIApprovalPolicyConformant False MissingAnnotation',
  ])
  assert.equal(
    made.status?.conditions?.find(({ type }) => type === 'NonStructuralSchema')?.message,
    'spec.versions[0].schema.openAPIV3Schema.properties[a].type: Required value: must not be empty for specified object fields',
  )
  const mended = crdStatus({ ...made, spec: withSpec({}).spec }, [], now)
  assert.equal(
    told(mended.status).some((text) => text.startsWith('NonStructural')),
    false,
  )
})
