import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorText } from '../../field-error.ts'
import { formatCheck } from './formats.ts'
import type { JsonSchema } from './json-schema.ts'
import { validateValue } from './validate-value.ts'

const cases: readonly (readonly [string, JsonSchema, unknown, readonly string[]])[] = [
  [
    'a wrong type',
    { type: 'object', properties: { a: { type: 'integer' } } },
    { a: 'x' },
    ['a: Invalid value: "string": a in body must be of type integer: "string"'],
  ],
  [
    'null where none is allowed',
    { properties: { a: { type: 'string' } } },
    { a: null },
    ['a: Invalid value: "null": a in body must be of type string: "null"'],
  ],
  ['null where it is allowed', { properties: { a: { type: 'string', nullable: true } } }, { a: null }, []],
  [
    'a missing member',
    { type: 'object', required: ['a'], properties: { b: { type: 'object', required: ['c'] } } },
    { b: {} },
    ['b.c: Required value', 'a: Required value'],
  ],
  [
    'a value outside an enumeration',
    { properties: { a: { type: 'string', enum: ['x', 'y'] } } },
    { a: 'z' },
    ['a: Unsupported value: "z": supported values: "x", "y"'],
  ],
  [
    'a number too large',
    { properties: { a: { type: 'integer', maximum: 10 } } },
    { a: 11 },
    ['a: Invalid value: 11: a in body should be less than or equal to 10'],
  ],
  [
    'a number not large enough',
    { properties: { a: { type: 'number', minimum: 0.5, exclusiveMinimum: true } } },
    { a: 0.5 },
    ['a: Invalid value: 0.5: a in body should be greater than 0.5'],
  ],
  [
    'a number that is no integer',
    { properties: { a: { type: 'integer', enum: [1] } } },
    { a: 1.5 },
    [
      'a: Invalid value: "number": a in body must be of type integer: "number"',
      '<nil>: Invalid value: "": Checked value must be of type integer (default format) in a',
    ],
  ],
  [
    'a number beyond its format',
    { properties: { a: { type: 'integer', format: 'int32' } } },
    { a: 2147483648 },
    ['<nil>: Invalid value: "": Checked value must be of type integer with format int32 in a'],
  ],
  [
    'what is no text, where a format is asked for',
    { properties: { a: { type: 'string', format: 'date' }, b: { type: 'string', format: 'date' } } },
    { a: 1, b: true },
    [
      'a: Invalid value: "int64": a in body must be of type date: "int64"',
      'b: Invalid value: "": b in body must be of type date: ""',
    ],
  ],
  [
    'no multiple',
    { properties: { a: { multipleOf: 3 } } },
    { a: 4 },
    ['a: Invalid value: 4: a in body should be a multiple of 3'],
  ],
  [
    'a text too long',
    { properties: { a: { type: 'string', maxLength: 2 } } },
    { a: '日本語' },
    ['a: Too long: may not be more than 2 bytes'],
  ],
  [
    'a text that does not match',
    { properties: { a: { type: 'string', pattern: '^b+$' } } },
    { a: 'c' },
    ['a: Invalid value: "c": a in body should match \'^b+$\''],
  ],
  [
    'a wrong format',
    { properties: { a: { type: 'string', format: 'ipv4' } } },
    { a: 'x' },
    ['a: Invalid value: "x": a in body must be of type ipv4: "x"'],
  ],
  ['an unknown format', { properties: { a: { type: 'string', format: 'whatever' } } }, { a: 'x' }, []],
  [
    'too many items, and a wrong one',
    { properties: { a: { type: 'array', maxItems: 1, items: { type: 'boolean' } } } },
    { a: [true, 1] },
    [
      'a[1]: Invalid value: "integer": a[1] in body must be of type boolean: "integer"',
      'a: Too many: 2: must have at most 1 item',
    ],
  ],
  [
    'a wrong map value',
    { additionalProperties: { type: 'string' } },
    { k: 1 },
    ['k: Invalid value: "integer": .k in body must be of type string: "integer"'],
  ],
  [
    'int or string',
    { properties: { a: { 'x-kubernetes-int-or-string': true } } },
    { a: true },
    ['a: Invalid value: "boolean": a in body must be of type integer,string: "boolean"'],
  ],
  [
    'none of the alternatives',
    { properties: { a: { anyOf: [{ minimum: 5 }, { type: 'string' }] } } },
    { a: 1 },
    [
      '<nil>: Invalid value: "": "a" must validate at least one schema (anyOf)',
      'a: Invalid value: "integer": a in body must be of type string: "integer"',
    ],
  ],
  [
    'two where one is allowed',
    { oneOf: [{ required: ['a'] }, { required: ['b'] }] },
    { a: 1, b: 1 },
    ['<nil>: Invalid value: "": "" must validate one and only one schema (oneOf). Found 2 valid alternatives'],
  ],
  [
    'what must not be',
    { properties: { a: { not: { enum: [1] } } } },
    { a: 1 },
    ['<nil>: Invalid value: "": "a" must not validate the schema (not)'],
  ],
]
for (const [what, schema, value, expected] of cases) {
  test(`${what}: ${expected.length === 0 ? 'is valid' : expected[0]}`, () => {
    assert.deepEqual(validateValue(schema, value).map(errorText), expected)
  })
}

test('security.md, parser bombs: a pattern that ruins backtracking engines is checked in linear time', () => {
  // A backtracking engine would take 2 ** 5000 steps, and the test would never end.
  assert.equal(validateValue({ type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(5000)}b`).length, 1)
})

test('__proto__ is data', () => {
  const value = JSON.parse('{"__proto__": {"a": 1}}')
  assert.equal(validateValue({ additionalProperties: { type: 'string' } }, value).length, 1)
})

const formats: readonly (readonly [string, string, boolean])[] = [
  ['date-time', '2014-12-15T19:30:20.000Z', true],
  ['date', '2026-02-30', false],
  ['duration', '22 ns', true],
  ['duration', '1h30m', true],
  ['cidr', '10.0.0.0/33', false],
  ['isbn', '978-0321751041', true],
  ['isbn10', '0321751043', true],
  ['uuid4', '123e4567-e89b-42d3-a456-426614174000', true],
  ['byte', 'aGk', false],
  ['k8s-short-name', 'a-b', true],
]
for (const [format, text, valid] of formats) {
  test(`${text} is ${valid ? 'a' : 'no'} ${format}`, () => assert.equal(formatCheck(format)?.(text), valid))
}
