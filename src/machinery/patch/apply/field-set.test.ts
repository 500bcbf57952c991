import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { deepFreeze } from '../../json.ts'
import { FieldSet, formatFieldsV1, parseFieldsV1, printPath } from './field-set.ts'

const element = fc.constantFrom('f:a', 'f:b', 'k:{"name":"x"}', 'v:1', 'i:0')
const paths = fc.array(fc.array(element, { minLength: 1, maxLength: 4 }), { maxLength: 12 })
const textOf = (set: FieldSet) => new Set([...set.paths()].map((path) => path.join('/')))

test('sets obey the laws of sets', () => {
  fc.assert(
    fc.property(paths, paths, (left, right) => {
      const [a, b] = [FieldSet.of(...left), FieldSet.of(...right)]
      const [inA, inB] = [textOf(a), textOf(b)]
      assert.deepEqual(textOf(a.union(b)), inA.union(inB))
      assert.deepEqual(textOf(a.intersection(b)), inA.intersection(inB))
      assert.deepEqual(textOf(a.difference(b)), inA.difference(inB))
      const isBelow = (path: string) => [...inB].some((other) => path === other || path.startsWith(`${other}/`))
      assert.deepEqual(textOf(a.recursiveDifference(b)), new Set([...inA].filter((path) => !isBelow(path))))
    }),
  )
})

test('the form of the API is read and written without loss, sorted', () => {
  fc.assert(
    fc.property(paths, (some) => {
      const set = FieldSet.of(...some)
      const written = formatFieldsV1(set)
      assert.ok(parseFieldsV1(JSON.parse(JSON.stringify(written))).equals(set))
    }),
  )
  const set = parseFieldsV1(
    deepFreeze({ 'v:2': {}, 'k:{"b":1, "a":"<"}': { 'f:x': {}, '.': {} }, 'f:z': {}, 'x:new': {}, 'v:10': {} }),
  )
  assert.equal(
    JSON.stringify(formatFieldsV1(set)),
    '{"f:z":{},"k:{\\"a\\":\\"\\\\u003c\\",\\"b\\":1}":{".":{},"f:x":{}},"v:2":{},"v:10":{}}',
  )
  assert.deepEqual([...set.paths()].map(printPath), ['.z', '[a="<",b=1]', '[=2]', '[=10]', '[a="<",b=1].x'])
})

test('keys that are no path elements are refused', () => {
  assert.throws(() => parseFieldsV1({ x: {} }), { message: 'key must be 2 characters long:' })
  assert.throws(() => parseFieldsV1({ fx: {} }), { message: 'missing colon: fx' })
})

test('equal sets share one form, which nobody can change', () => {
  const form = () => formatFieldsV1(FieldSet.of(['f:spec', 'f:replicas'], ['f:spec'], ['f:data']))
  assert.equal(form(), form())
  assert.deepEqual(form(), { 'f:data': {}, 'f:spec': { '.': {}, 'f:replicas': {} } })
  assert.ok(Object.isFrozen(form()['f:spec']))
})

test('elements that contain what separates elements are kept apart', () => {
  const one = FieldSet.of(['f:a5.f:b'])
  const two = FieldSet.of(['f:a'], ['f:b'])
  const nested = FieldSet.of(['f:a', 'f:b'])
  assert.deepEqual(formatFieldsV1(one), { 'f:a5.f:b': {} })
  assert.deepEqual(formatFieldsV1(two), { 'f:a': {}, 'f:b': {} })
  assert.deepEqual(formatFieldsV1(nested), { 'f:a': { 'f:b': {} } })
})
