import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { encodeObject, StoredObject } from './stored-object.ts'

const object = fc
  .record({
    metadata: fc.dictionary(fc.string(), fc.jsonValue()),
    rest: fc.dictionary(fc.string(), fc.jsonValue()),
  })
  .map(({ metadata, rest }) => {
    const { resourceVersion: _, __proto__: __, ...meta } = metadata
    const { kind: ___, apiVersion: ____, metadata: _____, __proto__: ______, ...members } = rest
    return JSON.parse(JSON.stringify({ kind: 'ConfigMap', apiVersion: 'v1', metadata: meta, ...members })) as KubeObject
  })
const parse = (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString())

test('property: the stored bytes, with the revision spliced in, are the object with its resourceVersion', () => {
  fc.assert(
    fc.property(object, fc.nat(), (original, revision) => {
      const stored = StoredObject.decode('a', encodeObject(original), revision + 1, 1)
      const expected = { ...original, metadata: { ...original.metadata, resourceVersion: String(revision + 1) } }
      assert.deepEqual(parse(stored.json()), JSON.parse(JSON.stringify(expected)))
      assert.deepEqual(JSON.parse(JSON.stringify(stored.object)), JSON.parse(JSON.stringify(expected)))
      assert.ok(Object.isFrozen(stored.object) && Object.isFrozen(stored.object.metadata))
    }),
  )
})

test('a stored version is not taken over: the revision is the store’s', () => {
  const made = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a', resourceVersion: '5' } }
  const stored = StoredObject.encode('a', made, 7, 7)
  assert.equal(parse(stored.json()).metadata.resourceVersion, '7')
  assert.equal(stored.atRevision(9).object.metadata.resourceVersion, '9')
})

test('the version stands where Go writes it, and what could end a script is escaped', () => {
  const made = (metadata: object) =>
    ({ kind: 'ConfigMap', apiVersion: 'v1', metadata, data: { a: '<&>' } }) as KubeObject
  const text = (metadata: object) => Buffer.from(StoredObject.encode('a', made(metadata), 7, 7).json()).toString()
  const rest = '"data":{"a":"\\u003c\\u0026\\u003e"}}'
  const head = '{"kind":"ConfigMap","apiVersion":"v1","metadata":'
  assert.equal(text({}), `${head}{"resourceVersion":"7"},${rest}`)
  assert.equal(text({ name: 'a', uid: 'u' }), `${head}{"name":"a","uid":"u","resourceVersion":"7"},${rest}`)
  assert.equal(
    text({ name: 'a', uid: 'u', labels: { uid: 'x' } }),
    `${head}{"name":"a","uid":"u","resourceVersion":"7","labels":{"uid":"x"}},${rest}`,
  )
  assert.equal(text({ labels: {} }), `${head}{"resourceVersion":"7","labels":{}},${rest}`)
})

test('objects that another server wrote in another order are read as well', () => {
  const foreign = Buffer.from(
    '{"data":{"x":"\\"metadata\\":{"},"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}',
  )
  const stored = StoredObject.decode('a', foreign, 3, 3)
  assert.deepEqual(parse(stored.json()), {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { resourceVersion: '3', name: 'a' },
    data: { x: '"metadata":{' },
  })
})

test('a dry run has no revision', () => {
  const made = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' } }
  assert.equal('resourceVersion' in parse(StoredObject.encode('a', made, 0, 0).json()).metadata, false)
})

test('a custom resource has its version in order, as Go writes its maps', () => {
  const object = {
    apiVersion: 'a.b/v1',
    kind: 'C',
    metadata: { annotations: { 'uid":"': '}' }, name: 'x', ownerReferences: [{ uid: 'u' }], uid: 'v' },
    spec: {},
  } as unknown as KubeObject
  const stored = StoredObject.encode('x', object, 7, 7)
  const { value, at, splice } = stored.spliced()
  const text = Buffer.from(value).toString()
  const whole = text.slice(0, at) + splice + text.slice(at)
  assert.equal(whole, JSON.stringify(stored.object))
  assert.deepEqual(Object.keys(stored.object.metadata).slice(-2), ['resourceVersion', 'uid'])
  assert.deepEqual(Object.keys(stored.object).slice(0, 2), ['apiVersion', 'kind'])
})

test('a custom resource is written in the order of its members, wherever kind and metadata come then', () => {
  const object = {
    Alpha: { metadata: { name: 'no' } },
    apiVersion: 'example.com/v1',
    data: { metadata: { resourceVersion: 'no' } },
    kind: 'Odd',
    label: 1,
    metadata: { name: 'a', uid: 'u' },
    spec: {},
  }
  const stored = StoredObject.encode('a', object as unknown as KubeObject, 7, 7)
  const expected = { ...object, metadata: { name: 'a', resourceVersion: '7', uid: 'u' } }
  assert.equal(Buffer.from(stored.json()).toString(), JSON.stringify(expected))
  assert.equal(JSON.stringify(stored.object), JSON.stringify(expected))
  const read = StoredObject.decode('a', Buffer.from(JSON.stringify(object)), 7, 7)
  assert.equal(Buffer.from(read.json()).toString(), JSON.stringify(expected))
})
