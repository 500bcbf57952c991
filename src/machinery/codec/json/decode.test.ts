import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Field, Schema } from '../../schema/schema.ts'
import { decodeJson, decodeValue, parseJson } from './decode.ts'

// A small kind that has one of each, in the form of the facts table.
const string: Schema = { type: 'string' }
const int32: Schema = { type: 'integer', format: 'int32' }
const struct = (name: string, fields: Record<string, Field>, more: Partial<Schema> = {}): Schema => ({
  type: 'object',
  name: `io.example.v1.${name}`,
  properties: new Map(Object.entries(fields)),
  ...more,
})
const port = struct('Port', {
  name: { schema: string },
  port: { schema: int32, always: true },
  target: { schema: { wrapper: 'intOrString', intOrString: true }, always: true },
})
const source = struct('Source', { empty: { schema: struct('Empty', {}), pointer: true } })
const spec = struct(
  'WidgetSpec',
  {
    replicas: { schema: int32, pointer: true },
    paused: { schema: { type: 'boolean' } },
    labels: { schema: { type: 'object', values: string } },
    ports: { schema: { type: 'array', items: port } },
    memory: { schema: { type: 'string', wrapper: 'quantity' }, always: true },
    since: { schema: { type: 'string', wrapper: 'time' } },
    secret: { schema: { type: 'string', format: 'byte' } },
    raw: { schema: { wrapper: 'rawExtension' } },
    names: { schema: { type: 'array', items: string, goType: 'v1.Names' }, always: true },
    empty: { schema: struct('Empty', {}), pointer: true },
  },
  { embedded: [{ number: 9, schema: source }] },
)
const widget = struct('Widget', {
  kind: { schema: string },
  spec: { schema: spec, always: true },
  status: { schema: struct('Status', { phase: { schema: string } }), always: true },
})

const strict = (text: string) => decodeJson(text, widget).strictErrors
const value = (text: string) => JSON.stringify(decodeJson(text, widget).value)
const failure = (text: string) => {
  try {
    decodeJson(text, widget)
  } catch (error) {
    return (error as Error).message
  }
  return undefined
}
const inSpec = (members: string) => `{"spec":{${members}}}`

test('members come in Go’s order, what Go always writes is there, what is empty is not', () => {
  assert.equal(
    value('{"spec":{"paused":false,"labels":{"b":"2","a":"1"},"replicas":0},"kind":"Widget"}'),
    '{"kind":"Widget","spec":{"replicas":0,"labels":{"a":"1","b":"2"},"memory":"0","names":null},"status":{}}',
  )
  assert.equal(
    value(inSpec('"labels":{},"ports":[],"names":[],"replicas":null,"raw":null,"empty":{}')),
    '{"spec":{"memory":"0","names":[],"empty":{}},"status":{}}',
  )
})

test('null in a list is its zero value', () => {
  assert.equal(
    value(inSpec('"ports":[null],"names":[null]')),
    '{"spec":{"ports":[{"port":0,"target":0}],"memory":"0","names":[""]},"status":{}}',
  )
})

test('quantities and times get their canonical form', () => {
  const text = inSpec('"memory":"1024Mi","since":"2026-01-01T02:00:00+01:00","names":[]')
  assert.equal(value(text), '{"spec":{"memory":"1Gi","since":"2026-01-01T01:00:00Z","names":[]},"status":{}}')
  assert.equal(value(inSpec('"memory":1.5,"names":[]')), '{"spec":{"memory":"1500m","names":[]},"status":{}}')
  assert.equal(value(inSpec('"memory":1e3,"names":[]')), '{"spec":{"memory":"1e3","names":[]},"status":{}}')
})

test('all unknown and duplicate fields are told of, in the order of the text', () => {
  assert.deepEqual(
    strict(
      '{"foo":1,"spec":{"bar":{"baz":1},"paused":true,"paused":false,"labels":{"a":"1","a":"2"},"ports":[{},{"x":1}]},"foo":2}',
    ),
    [
      'unknown field "foo"',
      'unknown field "spec.bar"',
      'duplicate field "spec.paused"',
      'duplicate field "spec.labels.a"',
      'unknown field "spec.ports[1].x"',
    ],
  )
  assert.deepEqual(strict(inSpec('"raw":{"a":1,"a":2},"Paused":true')), ['unknown field "spec.Paused"'])
})

test('unknown fields are left out, and the last of two duplicates stands', () => {
  assert.equal(
    value('{"spec":{"names":["a"],"names":["b"],"x":1}}'),
    '{"spec":{"memory":"0","names":["b"]},"status":{}}',
  )
})

test('no more than a hundred complaints are kept', () => {
  const many = Array.from({ length: 150 }, (_, at) => `"x${at}":1`).join()
  assert.equal(strict(`{${many}}`).length, 100)
})

test('a value of the wrong type is refused in the words of Go’s decoder', () => {
  const errors: [string, string][] = [
    [
      inSpec('"replicas":"x"'),
      'json: cannot unmarshal string into Go struct field WidgetSpec.spec.replicas of type int32',
    ],
    [
      inSpec('"replicas":1.0'),
      'json: cannot unmarshal number 1.0 into Go struct field WidgetSpec.spec.replicas of type int32',
    ],
    [
      inSpec('"replicas":99999999999'),
      'json: cannot unmarshal number 99999999999 into Go struct field WidgetSpec.spec.replicas of type int32',
    ],
    [
      inSpec('"paused":"true"'),
      'json: cannot unmarshal string into Go struct field WidgetSpec.spec.paused of type bool',
    ],
    [
      inSpec('"ports":{}'),
      'json: cannot unmarshal object into Go struct field WidgetSpec.spec.ports of type []v1.Port',
    ],
    [
      inSpec('"ports":[{"port":true}]'),
      'json: cannot unmarshal bool into Go struct field Port.spec.ports.port of type int32',
    ],
    [
      inSpec('"ports":[{"target":true}]'),
      'json: cannot unmarshal bool into Go struct field Port.spec.ports.target of type int32',
    ],
    [
      inSpec('"labels":[]'),
      'json: cannot unmarshal array into Go struct field WidgetSpec.spec.labels of type map[string]string',
    ],
    [inSpec('"names":5'), 'json: cannot unmarshal number into Go struct field WidgetSpec.spec.names of type v1.Names'],
    [inSpec('"since":5'), 'json: cannot unmarshal number into Go struct field WidgetSpec.spec.since of type string'],
    [
      inSpec('"empty":5'),
      'json: cannot unmarshal number into Go struct field WidgetSpec.spec.Source.empty of type v1.Empty',
    ],
    [inSpec('"secret":"a=b"'), 'illegal base64 data at input byte 1'],
    [
      inSpec('"memory":"x"'),
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    ['{"spec":5}', 'json: cannot unmarshal number into Go struct field Widget.spec of type v1.WidgetSpec'],
    ['[]', 'json: cannot unmarshal array into Go value of type v1.Widget'],
  ]
  for (const [text, message] of errors) assert.equal(failure(text), message, text)
})

test('a bad text of a type of its own is told of before an earlier type error', () => {
  assert.match(failure(inSpec('"replicas":"x","since":"y"')) ?? '', /^parsing time "y"/)
  assert.match(failure(inSpec('"replicas":"x","paused":1')) ?? '', /spec\.replicas/)
})

test('syntax errors are Go’s', () => {
  const errors: [string, string][] = [
    ['', 'unexpected end of JSON input'],
    ['{"a":1', 'unexpected end of JSON input'],
    ['{a:1}', "invalid character 'a' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['[1 2]', "invalid character '2' after array element"],
    ['{"a":tru}', "invalid character '}' in literal true (expecting 'e')"],
    ['{"a":01}', "invalid character '1' after object key:value pair"],
    ['"\t"', "invalid character '\\t' in string literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ["'a'", "invalid character '\\'' looking for beginning of value"],
    ['1.x', "invalid character 'x' after decimal point in numeric literal"],
    ['{} x', "invalid character 'x' after top-level value"],
    ['é', "invalid character 'Ã' looking for beginning of value"],
  ]
  for (const [text, message] of errors) assert.throws(() => parseJson(text), { message }, text)
})

test('a value nested without end is refused, not overflowed on', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  assert.throws(() => parseJson(deep), { message: "invalid character '[' exceeded max depth" })
  assert.throws(() => parseJson('['.repeat(100_000)), { message: "invalid character '[' exceeded max depth" })
})

test('__proto__ is data', () => {
  const { value: decoded, strictErrors } = decodeJson(
    '{"__proto__":{"polluted":1},"spec":{"labels":{"__proto__":"x"},"names":[]}}',
    widget,
  )
  assert.deepEqual(strictErrors, ['unknown field "__proto__"'])
  assert.equal(JSON.stringify(decoded), '{"spec":{"labels":{"__proto__":"x"},"memory":"0","names":[]},"status":{}}')
  assert.equal(({} as Record<string, unknown>).polluted, undefined)
})

test('a value that is no text any more is read alike, its complaints by name', () => {
  const decoded = decodeValue({ z: 1, spec: { b: 1, a: 2, paused: true, names: undefined } }, widget)
  assert.deepEqual(decoded.strictErrors, ['unknown field "spec.a"', 'unknown field "spec.b"', 'unknown field "z"'])
  assert.equal(JSON.stringify(decoded.value), '{"spec":{"paused":true,"memory":"0","names":null},"status":{}}')
})
