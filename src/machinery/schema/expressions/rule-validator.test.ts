import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deepFreeze } from '../../json.ts'
import { errorText } from '../../field-error.ts'
import type { JsonSchema, SchemaRule } from '../values/json-schema.ts'
import { Correlated } from '../values/correlated.ts'
import { declareType } from './declared-type.ts'
import { escapeIdentifier, unescapeIdentifier } from './identifier-escape.ts'
import { ruleFieldPath } from './rule-field-path.ts'
import { ruleValidator } from './rule-validator.ts'

const string: JsonSchema = { type: 'string' }
const integer: JsonSchema = { type: 'integer' }
const object = (properties: Record<string, JsonSchema>): JsonSchema => ({ type: 'object', properties })
const list = (items: JsonSchema, more: JsonSchema = {}): JsonSchema => ({ type: 'array', items, ...more })
const map = (additionalProperties: JsonSchema): JsonSchema => ({ type: 'object', additionalProperties })
const ruled = (schema: JsonSchema, ...rules: (string | SchemaRule)[]): JsonSchema => ({
  ...schema,
  'x-kubernetes-validations': rules.map((rule) => (typeof rule === 'string' ? { rule } : rule)),
})

/** Errors, then warnings behind `forgiven: `. */
function found(schema: JsonSchema, value: unknown, old?: unknown, budget = 10_000_000): string[] {
  const correlated = old === undefined ? undefined : new Correlated(value, old, schema)
  const findings = ruleValidator(deepFreeze(schema), false)?.validate(deepFreeze(value), old, budget, correlated)
  return [...findings!.errors.map(errorText), ...findings!.warnings.map((text) => `forgiven: ${text}`)]
}
const keeps = (schema: JsonSchema, value: unknown, ...rules: string[]) =>
  assert.deepEqual(found(ruled(schema, ...rules), value), [])

test('rules see values as their schemas say', () => {
  const schema = object({
    when: { type: 'string', format: 'date-time' },
    day: { type: 'string', format: 'date' },
    long: { type: 'string', format: 'duration' },
    bytes: { type: 'string', format: 'byte' },
    half: { type: 'number' },
    either: { 'x-kubernetes-int-or-string': true },
    'a-b.c/d__e': integer,
    namespace: string,
    nothing: { ...string, nullable: true },
    any: { 'x-kubernetes-preserve-unknown-fields': true },
  })
  const value = {
    when: '2020-01-01T00:00:00Z',
    day: '2020-01-02',
    long: '2 days',
    bytes: 'YWJj',
    half: 2,
    either: '5%',
    'a-b.c/d__e': 1,
    namespace: 'n',
    nothing: null,
    any: { a: 1 },
  }
  keeps(
    schema,
    value,
    "self.when < timestamp('2020-01-01T00:00:01Z') && self.day.getDate() == 2",
    "self.long == duration('48h') && self.bytes == b'abc' && self.half == 2.0",
    "type(self.either) == string && self.either.endsWith('%')",
    'self.a__dash__b__dot__c__slash__d__underscores__e == 1',
    "self.__namespace__ == 'n' && self.namespace == 'n'",
    '!has(self.nothing) && self == self',
  )
  assert.match(found(ruled(schema, 'self.any == 1'), value)[0]!, /undefined field 'any'/)
})

test('lists are compared and added by their list types', () => {
  const set = list(string, { 'x-kubernetes-list-type': 'set' })
  const items = object({ name: string, value: integer })
  const keyed = list(items, { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
  const schema = object({ s: list(set), k: list(keyed), a: list(integer), b: list(integer) })
  const [one, two] = [
    { name: 'one', value: 1 },
    { name: 'two', value: 2 },
  ]
  keeps(
    schema,
    {
      s: [
        ['x', 'y'],
        ['y', 'x'],
      ],
      k: [
        [one, two],
        [two, { name: 'one', value: 3 }],
      ],
      a: [1, 2],
      b: [2, 1],
    },
    "self.s[0] == self.s[1] && self.s[0] + ['x', 'z'] == ['z', 'y', 'x'] && self.a != self.b",
    'self.k[0] != self.k[1] && (self.k[0] + self.k[1]).map(i, i.value) == [3, 2]',
    'self.k[0] + self.k[1] == self.k[1]',
  )
})

test('a rule that is not kept says so where it stands, in its words', () => {
  const texts = (rule: Partial<SchemaRule>) =>
    found(object({ spec: ruled(object({ n: integer, m: map(integer) }), { rule: ' self.n > 1 ', ...rule }) }), {
      spec: { n: 1, m: {} },
    })
  assert.deepEqual(texts({}), ['spec: Invalid value: failed rule: self.n > 1'])
  assert.deepEqual(texts({ message: ' more! ' }), ['spec: Invalid value: more!'])
  assert.deepEqual(texts({ messageExpression: "'not ' + string(self.n)" }), ['spec: Invalid value: not 1'])
  assert.deepEqual(texts({ messageExpression: 'string(1 / 0)', message: 'more!' }), ['spec: Invalid value: more!'])
  assert.deepEqual(texts({ messageExpression: "'a\\nb'" }), ['spec: Invalid value: failed rule: self.n > 1'])
  assert.deepEqual(texts({ fieldPath: '.n', reason: 'FieldValueRequired' }), [
    'spec.n: Required value: failed rule: self.n > 1',
  ])
  assert.deepEqual(texts({ reason: 'FieldValueForbidden' }), ['spec: Forbidden: failed rule: self.n > 1'])
  assert.deepEqual(texts({ rule: 'self.n / 0 == 1' }), [
    'spec: Invalid value: "object": division by zero evaluating rule: self.n / 0 == 1',
  ])
  assert.deepEqual(texts({ rule: "self.m['k'] > 1" }), [
    `spec: Invalid value: "object": no such key: k evaluating rule: self.m['k'] > 1`,
  ])
  assert.deepEqual(texts({ rule: 'self.n' }), [
    'spec: Invalid value: "object": rule compile error: cel expression must evaluate to a bool',
  ])
  const nested = object({ l: list(ruled(integer, 'self > 1')), m: map(ruled(string, "self == 'x'")) })
  assert.deepEqual(found(nested, { l: [1, 2], m: { k: 'y' } }), [
    'l[0]: Invalid value: 1: failed rule: self > 1',
    `m[k]: Invalid value: "y": failed rule: self == 'x'`,
  ])
  assert.deepEqual(found(ruled(object({}), 'false'), {}), ['<nil>: Invalid value: failed rule: false'])
})

test('rules of transition need a before; items of keyed lists have one', () => {
  const grows = ruled(object({ name: string, n: integer }), 'self.n > oldSelf.n')
  const keyed = list(grows, { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
  const schema = object({ keyed, plain: list(grows), one: grows })
  const value = (n: number) => ({
    keyed: [{ name: 'x', n }],
    plain: [{ name: 'x', n }],
    one: { name: 'x', n },
  })
  assert.deepEqual(found(schema, value(1)), [])
  assert.deepEqual(found(schema, value(2), value(1)), [])
  assert.deepEqual(found(schema, value(1), value(1)), [
    'keyed[0]: Invalid value: failed rule: self.n > oldSelf.n',
    'one: Invalid value: failed rule: self.n > oldSelf.n',
  ])
  const optional = ruled(integer, { rule: 'oldSelf.orValue(1) < self', optionalOldSelf: true })
  assert.equal(found(optional, 1).length, 1)
  assert.equal(found(optional, 2).length, 0)
  assert.equal(found(optional, 2, 2).length, 1)
})

test('what an update leaves as it was is forgiven', () => {
  const schema = object({ a: ruled(integer, 'self > 5'), b: ruled(integer, 'self > 5') })
  assert.deepEqual(found(schema, { a: 1, b: 2 }, { a: 1, b: 1 }), [
    'b: Invalid value: 2: failed rule: self > 5',
    'forgiven: a: Invalid value: 1: failed rule: self > 5',
  ])
})

test('rules end when they have cost too much', () => {
  const numbers = Array.from({ length: 100 }, (_, index) => index)
  const schema = object({ l: list(integer) })
  const each = 'self.l.all(x, self.l.all(y, self.l.all(z, x + y + z >= 0)))'
  assert.deepEqual(found(ruled(schema, each, 'false'), { l: numbers }), [
    `<nil>: Invalid value: "object": 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: ${each}`,
  ])
  assert.deepEqual(found(ruled(schema, 'self.l.all(x, x >= 0)', 'false'), { l: numbers }, undefined, 100), [
    '<nil>: Invalid value: "object": validation failed due to running out of cost budget, no further validation rules will be run',
  ])
})

test('the rules of allOf branches hold too', () => {
  const schema = { ...object({ a: integer }), allOf: [{ properties: { a: ruled({}, 'self > 1') } }] }
  assert.deepEqual(found(ruled(schema, 'true'), { a: 1 }), ['a: Invalid value: 1: failed rule: self > 1'])
})

test('sizes that a schema does not bound are bounded by the request', () => {
  const sizes = (schema: JsonSchema) => {
    const { maxElements, minBytes } = declareType(schema, false)!
    return [maxElements, minBytes]
  }
  assert.deepEqual(sizes(string), [3 * 1024 * 1024 - 2, 2])
  assert.deepEqual(sizes({ ...string, maxLength: 10 }), [40, 2])
  assert.deepEqual(sizes({ ...string, enum: ['a', 'abc'] }), [3, 2])
  assert.deepEqual(sizes(list(string)), [1048575, 2])
  assert.deepEqual(sizes(list(string, { maxItems: 5 })), [5, 2])
  assert.deepEqual(sizes(map(integer)), [449389, 2])
  assert.deepEqual(sizes({ ...object({ ab: integer, c: { ...string, default: 'x' } }), required: ['ab', 'c'] }), [0, 9])
})

test('names are escaped and found again', () => {
  for (const name of ['a', 'a-b', 'a.b/c', '__', 'a__b', 'namespace', 'in'])
    assert.equal(unescapeIdentifier(escapeIdentifier(name)!), name)
  assert.equal(escapeIdentifier('1a'), undefined)
  assert.equal(escapeIdentifier('a b'), undefined)
  assert.equal(unescapeIdentifier('__nothing__'), undefined)
})

test('field paths lead to fields of the schema', () => {
  const schema = object({ a: object({ 'b.c': string }), m: map(integer) })
  assert.equal(ruleFieldPath(".a['b.c']", schema).path, 'a.b.c')
  assert.equal(ruleFieldPath(".m['it\\'s']", schema).path, "m[it's]")
  const wrong: readonly (readonly [string, string])[] = [
    ['a', 'expected [ or . but got: a'],
    ['.b', 'does not refer to a valid field'],
    ['.a[0]', 'expected single quoted string but got 0'],
    ['.a[', 'unexpected end of JSON path'],
    [".a['b.c'", 'unexpected end of JSON path'],
    [".a['\\x']", 'invalid string literal: invalid escape char \\x'],
  ]
  for (const [path, message] of wrong) assert.throws(() => ruleFieldPath(path, schema), { message }, path)
})
