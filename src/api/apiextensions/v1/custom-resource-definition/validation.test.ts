import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { customResourceDefinitions } from '../custom-resource-definition.ts'
import { faultsOf, faultsOfUpdate, type Loose, made, warningsOf } from '../../../rules.fixture.ts'

interface Case {
  readonly name: string
  readonly metadata?: object
  readonly schema?: object
  readonly versions?: readonly object[]
  readonly warnings?: readonly string[]
  readonly errors: readonly string[]
}

/** Definitions with what kube-apiserver v1.37.1 answered to them, one on each line. */
const cases = readFileSync(join(import.meta.dirname, 'validation.cases.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Case)

const versionWith = (schema: object, more: object = {}) => ({
  name: 'v1',
  served: true,
  storage: true,
  schema: { openAPIV3Schema: schema },
  ...more,
})

function definition({ name: _, metadata, schema = { type: 'object' }, versions, ...spec }: Partial<Case>): Loose {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: metadata ?? { name: 'things.ex.com', resourceVersion: '1' },
    spec: {
      group: 'ex.com',
      scope: 'Namespaced',
      names: { plural: 'things', kind: 'Thing' },
      versions: versions ?? [versionWith(schema)],
      ...spec,
    },
  }
}

for (const { errors, warnings = [], ...crd } of cases) {
  test(`${crd.name}: ${errors.length === 0 ? 'is valid' : `${errors.length} faults`}, as upstream finds`, () => {
    // The members of objects are visited in no order there.
    assert.deepEqual(faultsOf(customResourceDefinitions, definition(crd)).toSorted(), errors.toSorted())
    if (errors.length === 0) assert.deepEqual(warningsOf(customResourceDefinitions, definition(crd)), warnings)
  })
}

const stored = (crd: Loose, established = true): Loose => {
  const conditions = [{ type: 'Established', status: established ? 'True' : 'False' }]
  return { ...(made(customResourceDefinitions, crd) as object), status: { storedVersions: ['v1'], conditions } }
}
function faultsOfChange(old: Partial<Case>, change: Partial<Case>, established = true): string[] {
  const before = stored(definition(old), established)
  const after = { ...definition(change), status: before['status'] }
  return faultsOfUpdate(customResourceDefinitions, before, after)
}
const ruled = (rule: string) => ({
  schema: { type: 'object', properties: { a: { type: 'string', 'x-kubernetes-validations': [{ rule }] } } },
})

test('names stay once they are established, the group and the plural name always', () => {
  const other = { names: { plural: 'thingz', kind: 'Other' }, group: 'foo.com', scope: 'Cluster' } as Partial<Case>
  assert.deepEqual(faultsOfChange({}, other), [
    'spec.scope: Invalid value: "Cluster": field is immutable',
    'spec.names.kind: Invalid value: "Other": field is immutable',
    'spec.group: Invalid value: "foo.com": field is immutable',
    'spec.names.plural: Invalid value: "thingz": field is immutable',
  ])
  assert.equal(faultsOfChange({}, other, false).length, 2)
})

test('a version that was stored stays', () => {
  assert.deepEqual(faultsOfChange({}, { versions: [versionWith({ type: 'object' }, { name: 'v2' })] }), [
    'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
  ])
})

test('what was wrong before may stay wrong', () => {
  const nonStructural = { preserveUnknownFields: true, schema: { properties: { a: {} } } } as Partial<Case>
  assert.deepEqual(faultsOfChange(nonStructural, nonStructural), [])
  const set = { type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'set' }
  const lists = (schema: object) => ({ schema: { type: 'object', properties: { a: schema } } })
  assert.deepEqual(faultsOfChange(lists(set), lists({ ...set, maxItems: 1 })), [])
  assert.equal(faultsOfChange({}, lists(set)).length, 1)
})

test('rules of unchanged versions may cost what they cost, but for all of them together', () => {
  const items = { type: 'string', 'x-kubernetes-validations': [{ rule: 'self.contains("abc")' }] }
  const expensive = (more: object) => ({
    schema: { type: 'object', properties: { a: { type: 'array', maxItems: 100, items, ...more } } },
  })
  const faults = (old: Partial<Case>, change: Partial<Case>) =>
    faultsOfChange(old, change).filter((text) => text.includes('estimated rule cost exceeds'))
  assert.equal(faults({}, expensive({})).length, 1)
  assert.equal(faults(expensive({}), expensive({})).length, 0)
  assert.equal(faults(expensive({}), expensive({ minItems: 1 })).length, 1)
})

test('stored rules may use what new ones may not yet', () => {
  const rule = "['a', 'b'].includes(self)"
  const undeclared = (texts: readonly string[]) => texts.filter((text) => text.includes('undeclared reference'))
  assert.equal(undeclared(faultsOfChange({}, ruled(rule))).length, 1)
  assert.equal(undeclared(faultsOfChange(ruled(rule), ruled(rule))).length, 0)
})
