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
