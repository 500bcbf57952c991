import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorText } from '../../field-error.ts'
import type { JsonSchema } from '../values/json-schema.ts'
import { applyDefaults, dropNulls } from './default-values.ts'
import { checkListTypes } from './list-types.ts'
import { prune } from './prune.ts'
import { structuralSchema } from './structural.ts'

const spec = (properties: Record<string, JsonSchema>): JsonSchema => ({
  type: 'object',
  properties: { spec: { type: 'object', properties } },
})

test('what a schema does not name is removed and told of, sorted; metadata of the root stays', () => {
  const object = {
    apiVersion: 'v',
    kind: 'k',
    metadata: { anything: 1 },
    z: 1,
    spec: { known: { deep: 1 }, unknown: 1, list: [{ a: 1, b: 2 }] },
  }
  const schema = spec({
    known: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    list: { type: 'array', items: { type: 'object', properties: { a: {} } } },
  })
  assert.deepEqual(prune(object, schema), ['spec.list[0].b', 'spec.unknown', 'z'])
  assert.deepEqual(object, {
    apiVersion: 'v',
    kind: 'k',
    metadata: { anything: 1 },
    spec: { known: { deep: 1 }, list: [{ a: 1 }] },
  } as unknown)
})

test('what lies in maps and embedded resources is pruned by their schemas', () => {
  const schema = spec({
    map: { type: 'object', additionalProperties: { type: 'object', properties: { a: {} } } },
    pod: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { spec: { type: 'object' } } },
  })
  const object = {
    spec: { map: { x: { a: 1, b: 1 } }, pod: { kind: 'Pod', metadata: { name: 'x' }, spec: { gone: 1 }, gone: 1 } },
  }
  assert.deepEqual(prune(object, schema), ['spec.map.x.b', 'spec.pod.gone', 'spec.pod.spec.gone'])
})

test('defaults fill what is missing or plainly null, at every depth; other nulls go', () => {
  const schema = spec({
    a: { default: { b: 1 }, type: 'object', properties: { b: {}, c: { default: 2 } } },
    nullable: { nullable: true, default: 1 },
    gone: { type: 'string' },
    defaulted: { default: 'x' },
    list: { type: 'array', items: { type: 'object', properties: { d: { default: 3 } } } },
  })
  const object = { spec: { nullable: null, gone: null, defaulted: null, list: [{}] } }
  dropNulls(object, schema)
  applyDefaults(object, schema)
  assert.deepEqual(object, { spec: { a: { b: 1, c: 2 }, nullable: null, defaulted: 'x', list: [{ d: 3 }] } } as unknown)
})

test('sets and maps hold each item once', () => {
  const schema = spec({
    set: { type: 'array', 'x-kubernetes-list-type': 'set', items: {} },
    map: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: { type: 'object' },
    },
  })
  const errors = checkListTypes(
    { spec: { set: [1, 2, 1, 1], map: [{ name: 'a' }, { name: 'b' }, { name: 'a', x: 1 }] } },
    schema,
  )
  assert.deepEqual(errors.map(errorText), [
    'spec.set[2]: Duplicate value: 1',
    'spec.map[2]: Duplicate value: {"name":"a"}',
  ])
})

test('the one schema form keeps list types and knows what every object has', () => {
  const metadata = { type: 'object' } as const
  const schema = structuralSchema(
    spec({
      l: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['k'],
        items: { type: 'object' },
      },
    }),
    metadata,
  )
  assert.equal(schema.properties?.get('metadata')?.schema, metadata)
  assert.deepEqual(schema.properties?.get('spec')?.schema.properties?.get('l')?.schema.listMapKeys, ['k'])
})
