import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from './parser.ts'
import { Issues, Source } from './source.ts'

/** What kube-apiserver v1.37.1 answered: an expression, then its errors with their places. */
const cases = readFileSync(join(import.meta.dirname, 'syntax-errors.cases.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as [string, ...string[]])

function errorsOf(text: string): string[] {
  const source = new Source(text)
  const issues = new Issues(source)
  assert.equal(parse(source, [], issues), undefined)
  return [...String(issues).matchAll(/ERROR: <input>:(\d+:\d+: [^\n]*)/g)].map(([, error]) => error!)
}

test('all syntax errors of an expression are told as upstream tells them', () => {
  for (const [text, ...errors] of cases) assert.deepEqual(errorsOf(text), errors, text)
  assert.ok(cases.filter(([, ...errors]) => errors.length > 1).length > 50)
})
