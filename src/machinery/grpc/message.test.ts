import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import protobuf from 'protobufjs'
import { bool, bytes, double, int32, int64, list, many, map, message, one, string, uint32, wrapped } from './message.ts'

const inner = message({ name: string(1), attempt: uint32(2) })
const outer = message({
  text: string(1),
  flag: bool(2),
  small: int32(3),
  large: int64(4),
  data: bytes(5),
  ratio: double(6),
  words: list(7, 'string'),
  numbers: list(8, 'int64'),
  labels: map(9),
  child: one(10, inner),
  children: many(11, inner),
  maybe: wrapped(12),
})
const oracle = protobuf
  .parse(
    `
  syntax = "proto3";
  message Inner { string name = 1; uint32 attempt = 2; }
  message Value { int64 value = 1; }
  message Outer {
    string text = 1; bool flag = 2; int32 small = 3; int64 large = 4; bytes data = 5; double ratio = 6;
    repeated string words = 7; repeated int64 numbers = 8; map<string, string> labels = 9;
    Inner child = 10; repeated Inner children = 11; Value maybe = 12;
  }`,
    { keepCase: true },
  )
  .root.lookupType('Outer')

const safe = fc.maxSafeInteger()
const key = fc.string().filter((text) => text !== '__proto__')
const innerValue = fc.record({ name: fc.string(), attempt: fc.nat(2 ** 32 - 1) }, { noNullPrototype: true })
const value = fc.record(
  {
    text: fc.string(),
    flag: fc.boolean(),
    small: fc.integer(),
    large: safe,
    data: fc.uint8Array(),
    ratio: fc.double({ noNaN: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
    words: fc.array(fc.string()),
    numbers: fc.array(safe),
    labels: fc.dictionary(key, fc.string(), { noNullPrototype: true }),
    child: fc.option(innerValue, { nil: undefined }),
    children: fc.array(innerValue),
    maybe: fc.option(safe, { nil: undefined }),
  },
  { noNullPrototype: true },
)

test('what protobufjs writes is read, and the other way round', () => {
  fc.assert(
    fc.property(value, (given) => {
      const theirs = { ...given, maybe: given.maybe === undefined ? undefined : { value: given.maybe } }
      assert.deepEqual(outer.decode(oracle.encode(oracle.create(theirs)).finish()), given)
      const read = oracle.toObject(oracle.decode(outer.encode(given)), { longs: Number, defaults: true, objects: true })
      assert.deepEqual(
        {
          ...read,
          data: Uint8Array.from(read['data'] as Uint8Array),
          child: read['child'] ?? undefined,
          maybe: undefined,
        },
        { ...given, maybe: undefined },
      )
      const maybe = read['maybe'] as { value: number } | null
      assert.equal(maybe?.value ?? undefined, given.maybe)
    }),
  )
})

test('fields that the table does not name are skipped, cut messages refused', () => {
  const few = message({ flag: bool(2) })
  const encoded = outer.encode({ text: 'x', flag: true, ratio: 1.5, words: ['a'], labels: { a: 'b' } })
  assert.deepEqual(few.decode(encoded), { flag: true })
  assert.throws(() => outer.decode(encoded.subarray(0, encoded.length - 1)), RangeError)
})

test('the name __proto__ in a map is data', () => {
  const labels = JSON.parse('{"__proto__":"x"}') as Record<string, string>
  const decoded = outer.decode(outer.encode({ labels }))
  assert.deepEqual(Object.keys(decoded.labels), ['__proto__'])
  assert.equal(Object.getPrototypeOf(decoded.labels), Object.prototype)
})
