import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeJson, decodeValue } from './codec/json/decode.ts'
import { emptiedAt, memberAsSaid } from './emptied.ts'
import { jsonClone, jsonEqual } from './json.ts'
import { normalize } from './schema/normalize.ts'
import type { Schema } from './schema/schema.ts'

const texts: Schema = { type: 'array', items: { type: 'string' } }
const part: Schema = {
  type: 'object',
  properties: new Map([
    ['args', { schema: texts }],
    ['labels', { schema: { type: 'object', values: { type: 'string' } } }],
    ['key', { schema: { type: 'string', format: 'byte' } }],
    ['name', { schema: { type: 'string' } }],
  ]),
}
const whole: Schema = {
  type: 'object',
  properties: new Map([
    ['parts', { schema: { type: 'array', items: part } }],
    ['byName', { schema: { type: 'object', values: part } }],
  ]),
}
interface Part {
  readonly args?: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
}
interface Whole {
  readonly parts: readonly Part[]
  readonly byName?: Readonly<Record<string, Part>>
}
const text = '{"parts":[{"args":[],"labels":{},"key":"","name":""},{"args":null}],"byName":{"a.b":{"args":[]}}}'
const read = (): Whole => decodeJson(text, whole).value as Whole

test('what was said to be empty is known by its name, and is no member', () => {
  const [first, second] = read().parts
  assert.deepEqual(memberAsSaid(first!, 'args'), [])
  assert.deepEqual(memberAsSaid(first!, 'labels'), {})
  assert.equal(memberAsSaid(first!, 'key'), '')
  assert.equal(memberAsSaid(first!, 'name'), undefined)
  assert.equal(memberAsSaid(second!, 'args'), undefined)
  assert.deepEqual(Object.keys(first!), [])
  assert.equal(JSON.stringify(read()), '{"parts":[{},{}],"byName":{"a.b":{}}}')
  assert.ok(jsonEqual(first, second))
})

test('a value that is not text any more tells as much', () => {
  const { parts } = decodeValue({ parts: [{ args: [] }] }, whole).value as Whole
  assert.deepEqual(memberAsSaid(parts[0]!, 'args'), [])
})

test('clones and spreads take it along, a member that comes has the say', () => {
  const [first] = jsonClone(read()).parts
  assert.deepEqual(memberAsSaid({ ...first!, name: 'a' }, 'labels'), {})
  assert.deepEqual(memberAsSaid({ ...first!, labels: { a: 'b' } }, 'labels'), { a: 'b' })
})

test('the form that is stored has forgotten it', () => {
  const { parts } = normalize(whole, read()) as Whole
  assert.equal(memberAsSaid(parts[0]!, 'args'), undefined)
})

test('the path of an error leads to it', () => {
  const value = read()
  assert.deepEqual(emptiedAt(value, 'parts[0].args'), [])
  assert.deepEqual(emptiedAt(value, 'byName[a.b].args'), [])
  assert.equal(emptiedAt(value, 'parts[1].args'), undefined)
  assert.equal(emptiedAt(value, 'parts'), undefined)
  assert.equal(emptiedAt(value, 'nothing[3].args'), undefined)
})
