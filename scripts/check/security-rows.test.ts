import assert from 'node:assert/strict'
import { test } from 'node:test'
import { missingRows } from './security-rows.ts'

const page = '| class | cases | what |\n| --- | --- | --- |\n| a b | CVE-1-2, GO-3-4 | x |\n| c | – | y |\n'

test('a row is named by a test, and each of its cases', () => {
  assert.deepEqual(missingRows(page, "test('security.md, a b: x (CVE-1-2, GO-3-4)')\ntest('security.md, c')"), [])
  assert.deepEqual(missingRows(page, "test('security.md, c: CVE-1-2')"), [
    'docs/design/security.md: no test is named "security.md, a b…"',
    'docs/design/security.md: no test names GO-3-4 (a b)',
  ])
  assert.deepEqual(missingRows('', ''), ['docs/design/security.md: it has no rows'])
})
