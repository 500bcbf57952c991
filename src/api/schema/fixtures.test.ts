import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { brotliDecompressSync } from 'node:zlib'
import { decodeObject, encodeObject, mediaTypes } from '../../machinery/codec/codec.ts'
import { deepFreeze } from '../../machinery/json.ts'
import { normalize } from '../../machinery/schema/normalize.ts'
import type { Fixture } from '../../../scripts/generate/fixtures.ts'
import { schemaOfKind } from './facts.ts'

const bytes = readFileSync(new URL('fixtures.generated.br', import.meta.url))
const fixtures = JSON.parse(brotliDecompressSync(bytes).toString('utf8')) as readonly Fixture[]
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  )
}

test('upstream’s round-trip data covers every kind, of this release and of four before it', () => {
  const counts = Map.groupBy(fixtures, ({ name }) => name.split('/')[0]!)
  assert.equal(counts.size, 5)
  for (const [release, each] of counts) assert.ok(each.length >= 100, `${release}: ${each.length} fixtures`)
})

test('JSON, YAML and protobuf of every kind are read alike, with nothing lost', () => {
  for (const { name, json, yaml, protobuf, after } of fixtures) {
    const options = { schemaOfKind }
    const fromJson = decodeObject(Buffer.from(json), mediaTypes.json, options)
    // What this release knows no more is told of, and left out.
    if (after === undefined) assert.deepEqual(fromJson.strictErrors, [], name)
    const expected = JSON.parse(after?.json ?? json) as unknown
    assert.equal(JSON.stringify(sorted(fromJson.object)), JSON.stringify(sorted(expected)), name)
    const fromYaml = decodeObject(Buffer.from(yaml), mediaTypes.yaml, options)
    assert.equal(JSON.stringify(fromYaml.object), JSON.stringify(fromJson.object), name)
    const fromProtobuf = decodeObject(Buffer.from(protobuf, 'base64'), mediaTypes.protobuf, options)
    assert.equal(JSON.stringify(fromProtobuf.object), JSON.stringify(fromJson.object), name)
    assert.deepEqual(fromProtobuf.gvk, fromJson.gvk, name)
  }
})

test('YAML and protobuf of every kind are written byte for byte as upstream writes them', () => {
  for (const { name, json, yaml, protobuf, after = { yaml, protobuf } } of fixtures) {
    const { object, gvk } = decodeObject(Buffer.from(json), mediaTypes.json, { schemaOfKind })
    const schema = schemaOfKind(gvk.group, gvk.version, gvk.kind)
    deepFreeze(object)
    assert.equal(encodeObject(object, mediaTypes.yaml, schema).toString(), after.yaml, name)
    assert.equal(encodeObject(object, mediaTypes.protobuf, schema).toString('base64'), after.protobuf, name)
  }
})

test('the normal form of a normal form is itself', () => {
  for (const { name, json } of fixtures) {
    const { object, gvk } = decodeObject(Buffer.from(json), mediaTypes.json, { schemaOfKind })
    const again = normalize(schemaOfKind(gvk.group, gvk.version, gvk.kind)!, deepFreeze(object))
    assert.equal(JSON.stringify(again), JSON.stringify(object), name)
  }
})
