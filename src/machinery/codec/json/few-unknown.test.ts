import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Schema } from '../../schema/schema.ts'
import { decodeJson, decodeValue } from './decode.ts'
import { fewUnknown } from './few-unknown.ts'

const text: Schema = { type: 'string' }
const inner: Schema = { type: 'object', properties: new Map([['a', { schema: text }]]) } as unknown as Schema
const schema = {
  type: 'object',
  properties: new Map([
    ['name', { schema: text }],
    ['inner', { schema: inner }],
  ]),
} as unknown as Schema
const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`f${at}`, { x: 1 }]))

test('of very many unknown members the first ones stay, and every known one', () => {
  const value = { ...many(1000), name: 'n', inner: { ...many(3), a: 'b' } }
  const few = fewUnknown(value, schema, 2)
  assert.deepEqual(few.value, { f0: { x: 1 }, f1: { x: 1 }, name: 'n', inner: { f0: { x: 1 }, f1: { x: 1 }, a: 'b' } })
  assert.equal(few.dropped, true)
  // Each with what is in it.
  assert.equal(few.members, 2 * 1000 + 2 + 2 * 3 + 1)
  assert.deepEqual(Object.keys(fewUnknown(value, schema, 3, true).value as object), [
    'name',
    'inner',
    'f0',
    'f1',
    'f10',
  ])
})

test('what few members have is left as it is', () => {
  const value = { ...many(2), name: 'n' }
  assert.deepEqual(fewUnknown(value, schema, 2), { value, members: 5, dropped: false })
})

test('the same is told of very many unknown members as of fewer, text or not', () => {
  const value = { ...many(5000), name: 'n' }
  const { strictErrors } = decodeJson(JSON.stringify(value), schema)
  assert.equal(strictErrors.length, 100)
  assert.equal(strictErrors[99], 'unknown field "f99"')
  assert.equal(decodeValue(value, schema).strictErrors[2], 'unknown field "f10"')
  const twice = `{"name":"a",${JSON.stringify(value).slice(1)}`
  assert.equal(decodeJson(twice, schema).strictErrors[0], 'unknown field "f0"')
})
