import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deepFreeze } from '../json.ts'
import type { Field, Schema } from '../schema/schema.ts'
import { applyStrategicMergePatch } from './strategic-merge-patch.ts'

const string: Schema = { type: 'string' }
const struct = (name: string, properties: Record<string, Field>): Schema => ({
  type: 'object',
  name,
  properties: new Map(Object.entries(properties)),
})
const list = (items: Schema, more: Partial<Field> = {}): Field => ({ schema: { type: 'array', items }, ...more })
const merging = (items: Schema, key?: string) => list(items, { patchStrategy: 'merge', patchMergeKey: key })
const item: Schema = struct('Item', {
  name: { schema: string },
  value: { schema: string },
  tags: merging(string),
})
const schema: Schema = struct('Thing', {
  simple: { schema: string },
  labels: { schema: { type: 'object', values: string } },
  items: merging(item, 'name'),
  finalizers: merging(string),
  args: list(string),
  source: { schema: struct('Source', { a: { schema: string }, b: { schema: string } }), patchStrategy: 'retainKeys' },
  replaced: { schema: struct('Source', { a: { schema: string }, b: { schema: string } }), patchStrategy: 'replace' },
  unkeyed: merging(item),
})

const check = (name: string, before: unknown, patch: unknown, after: unknown) =>
  test(name, () => assert.deepEqual(applyStrategicMergePatch(deepFreeze(before), deepFreeze(patch), schema), after))

check(
  'maps merge and nulls delete',
  { labels: { a: '1', b: '2' } },
  { labels: { b: null, c: '3' } },
  { labels: { a: '1', c: '3' } },
)
check('an absent map is taken without its nulls', {}, { labels: { a: null, b: '1' } }, { labels: { b: '1' } })
check(
  '$patch: replace takes the map as it is',
  { labels: { a: '1' } },
  { labels: { $patch: 'replace', b: '2' } },
  { labels: { b: '2' } },
)
check('$patch: delete empties the map', { labels: { a: '1' } }, { labels: { $patch: 'delete' } }, { labels: {} })
check('$patch: delete of what is not there adds nothing', {}, { labels: { $patch: 'delete' } }, {})
check(
  'lists merge by their key; a new item goes before all that the patch does not place',
  {
    items: [
      { name: 'a', value: '1' },
      { name: 'b', value: '2' },
    ],
  },
  {
    items: [
      { name: 'c', value: '3' },
      { name: 'b', value: '9' },
    ],
  },
  {
    items: [
      { name: 'c', value: '3' },
      { name: 'a', value: '1' },
      { name: 'b', value: '9' },
    ],
  },
)
check(
  'an item is deleted by its key',
  { items: [{ name: 'a' }, { name: 'b' }] },
  { items: [{ $patch: 'delete', name: 'a' }] },
  { items: [{ name: 'b' }] },
)
check(
  'a list is replaced when an item says so',
  { items: [{ name: 'a' }, { name: 'b' }] },
  { items: [{ name: 'c' }, { $patch: 'replace' }] },
  { items: [{ name: 'c' }] },
)
check(
  '$setElementOrder sorts; what only the server has keeps its place before later items',
  { items: [{ name: 'a' }, { name: 'live' }, { name: 'b' }] },
  { '$setElementOrder/items': [{ name: 'b' }, { name: 'new' }, { name: 'a' }], items: [{ name: 'new', value: '1' }] },
  { items: [{ name: 'live' }, { name: 'b' }, { name: 'new', value: '1' }, { name: 'a' }] },
)
check(
  '$setElementOrder alone reorders',
  { finalizers: ['a', 'b', 'c'] },
  { '$setElementOrder/finalizers': ['c', 'a'] },
  { finalizers: ['b', 'c', 'a'] },
)
check(
  'primitives merge without duplicates',
  { finalizers: ['a', 'b'] },
  { finalizers: ['b', 'c'] },
  { finalizers: ['a', 'b', 'c'] },
)
check(
  '$deleteFromPrimitiveList takes away',
  { finalizers: ['a', 'b', 'c'] },
  { '$deleteFromPrimitiveList/finalizers': ['a', 'c'] },
  { finalizers: ['b'] },
)
check(
  'delete and order together, as kubectl sends them',
  { finalizers: ['a', 'b'] },
  { '$deleteFromPrimitiveList/finalizers': ['a'], '$setElementOrder/finalizers': ['b', 'c'], finalizers: ['c'] },
  { finalizers: ['b', 'c'] },
)
check('lists without a strategy are replaced', { args: ['a'] }, { args: ['b'] }, { args: ['b'] })
check(
  '$retainKeys drops what it does not name',
  { source: { a: '1', b: '2' } },
  { source: { $retainKeys: ['b'], b: '3' } },
  { source: { b: '3' } },
)
check('a replaced map is not merged', { replaced: { a: '1' } }, { replaced: { b: '2' } }, { replaced: { b: '2' } })
check('another type takes the place of the old one', { simple: 'a' }, { simple: 1 }, { simple: 1 })
check(
  'nested lists of merged items merge too',
  { items: [{ name: 'a', tags: ['x'] }] },
  { items: [{ name: 'a', tags: ['y'] }] },
  { items: [{ name: 'a', tags: ['y', 'x'] }] },
)

test("what does not fit is refused in upstream's words", () => {
  const table: [unknown, unknown, string][] = [
    [{ labels: {} }, { labels: { $patch: 'frob' } }, 'unknown patch type: frob in map: map[$patch:frob]'],
    [
      { items: [{ name: 'a' }] },
      { items: [{ value: 'x' }] },
      'map: map[value:x] does not contain declared merge key: name',
    ],
    [{ unkeyed: [{ name: 'a' }] }, { unkeyed: [{ name: 'b' }] }, 'cannot merge lists without merge key for struct'],
    [{ nope: {} }, { nope: {} }, 'unable to find api field in struct Thing for the json field "nope"'],
    [{ source: { a: '1' } }, { source: { $retainKeys: ['b'], a: '2' } }, 'invalid patch format of retainKeys'],
    [{}, { $setElementOrder: [] }, 'invalid patch format of setElementOrder list'],
    [{}, { $deleteFromPrimitiveList: [] }, 'invalid patch format of primitive list'],
    [
      { items: [{ name: 'a' }] },
      { '$setElementOrder/items': [{ name: 'a' }], items: [{ name: 'z' }] },
      "The order in patch list:\n[map[name:z]]\n doesn't match $setElementOrder list:\n[map[name:a]]\n",
    ],
  ]
  for (const [before, patch, message] of table) {
    assert.throws(() => applyStrategicMergePatch(before, patch, schema), { message })
  }
})
