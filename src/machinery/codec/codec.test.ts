import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Field, Schema } from '../schema/schema.ts'
import { decodeObject, encodeObject, mediaTypes, NoSuchKind } from './codec.ts'
import { goJsonText } from './json/go-json.ts'
import { summarizeBody } from './type-meta.ts'

const string = { schema: { type: 'string' } } as const
const note: Schema = {
  type: 'object',
  name: 'io.example.v1.Note',
  properties: new Map<string, Field>([
    ['kind', string],
    ['apiVersion', string],
    ['text', { ...string, number: 1 }],
  ]),
}
const options = {
  schemaOfKind: (group: string, version: string, kind: string) =>
    group === 'example.com' && version === 'v1' && kind === 'Note' ? note : undefined,
  defaults: { group: 'example.com', version: 'v1', kind: 'Note' },
}
const decode = (text: string, mediaType: 'application/json' | 'application/yaml' = mediaTypes.json) =>
  decodeObject(Buffer.from(text), mediaType, options)

test('a body says what it is, or is taken for what is expected', () => {
  const full = { kind: 'Note', apiVersion: 'example.com/v1', text: 'x' }
  assert.deepEqual(decode('{"apiVersion":"example.com/v1","kind":"Note","text":"x"}').object, full)
  assert.deepEqual(decode('{"text":"x"}').object, full)
  assert.deepEqual(decode('text: x\n', mediaTypes.yaml).object, full)
  const protobuf = encodeObject(full, mediaTypes.protobuf, note)
  assert.deepEqual(decodeObject(protobuf, mediaTypes.protobuf, options).object, full)
  assert.throws(() => decode('{"kind":"Other"}'), NoSuchKind)
})

test('a body that says nothing, with nothing expected, is refused', () => {
  const bare = { schemaOfKind: options.schemaOfKind }
  const body = (text: string) => () => decodeObject(Buffer.from(text), mediaTypes.json, bare)
  assert.throws(body('{}'), { message: "Object 'Kind' is missing in '{}'" })
  assert.throws(body('{"kind":"Note"}'), { message: `Object 'apiVersion' is missing in '{"kind":"Note"}'` })
})

test('a text that is not JSON tells where it stops being so', () => {
  const message = "couldn't get version/kind; json parse error: invalid character 'x' looking for beginning of value"
  assert.throws(() => decode('x'), { message })
  const typed = 'json: cannot unmarshal number into Go struct field .kind of type string'
  assert.throws(() => decode('{"kind":5}'), { message: `couldn't get version/kind; json parse error: ${typed}` })
})

test('strict complaints come with the object, those of YAML first', () => {
  assert.deepEqual(decode('{"text":"a","text":"b","x":1}').strictErrors, [
    'duplicate field "text"',
    'unknown field "x"',
  ])
  assert.deepEqual(decode('text: a\ntext: b\nx: 1\n', mediaTypes.yaml).strictErrors, [
    'yaml: unmarshal errors:\n  line 2: key "text" already set in map',
    'unknown field "x"',
  ])
})

test('JSON is written as Go writes it', () => {
  assert.equal(goJsonText({ a: '<&>\u2028' }), '{"a":"\\u003c\\u0026\\u003e\\u2028"}')
  assert.equal(goJsonText({ a: 1 }, true), '{\n  "a": 1\n}')
})

test('bodies are quoted in short', () => {
  assert.equal(summarizeBody(Buffer.from('{"a":1}')), '{"a":1}')
  assert.equal(
    summarizeBody(Buffer.from('{"aaaaaaaaaa":1111111111111111111111}')),
    '{"aaaaaaaaaa":1111111111111111 ...',
  )
  assert.equal(summarizeBody(Buffer.from('abc')), '616263')
  assert.equal(summarizeBody(Buffer.alloc(0)), '<empty>')
})
