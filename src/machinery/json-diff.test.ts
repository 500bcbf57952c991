import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jsonDiff } from './json-diff.ts'

test('a changed member is shown with its neighbours', () => {
  const text = jsonDiff({ a: 1, b: 2 }, { a: 1, b: 3 })
  assert.equal(text, '@@ -1,4 +1,4 @@\n {\n  "a": 1,\n- "b": 2\n+ "b": 3\n }\n')
})

test('of equal items side by side the first is the one that was added', () => {
  const text = jsonDiff({ l: [{ n: 1 }] }, { l: [{ n: 1 }, { n: 1 }] })
  assert.match(text, /^@@ [^\n]*\n \{\n {2}"l": \[\n\+ {2}\{\n\+ {3}"n": 1\n\+ {2}\},\n {3}\{\n/)
})

test('changes with six equal lines between them share a hunk, with seven they do not', () => {
  const members = (between: number, value: number) =>
    Object.fromEntries([['a', value], ...Array.from({ length: between }, (_, i) => [`k${i}`, 0]), ['z', value]])
  assert.equal(jsonDiff(members(6, 1), members(6, 2)).match(/@@ -/g)?.length, 1)
  assert.equal(jsonDiff(members(7, 1), members(7, 2)).match(/@@ -/g)?.length, 2)
})

test('what could end a script in a page is escaped', () => {
  assert.match(jsonDiff({ a: '<' }, { a: '>' }), /"\\u003c"[^]*"\\u003e"/)
})
