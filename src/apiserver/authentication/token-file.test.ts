import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readTokenFile } from './token-file.ts'

test('each line is a token, whose it is, and the groups', () => {
  const warnings: string[] = []
  const tokens = readTokenFile(
    'xyzzy,joe,1,"devs,ops"\r\n\nplugh,"jane ""j""",2\n,nobody,3\nxyzzy,jim,4,\n',
    'tokens.csv',
    (text) => warnings.push(text),
  )
  assert.deepEqual(
    [...tokens],
    [
      ['xyzzy', { name: 'jim', uid: '4', groups: [''] }],
      ['plugh', { name: 'jane "j"', uid: '2', groups: [] }],
    ],
  )
  assert.deepEqual(warnings, [
    "empty token has been found in token file 'tokens.csv', record number '3'",
    "duplicate token has been found in token file 'tokens.csv', record number '4'",
  ])
  assert.throws(() => readTokenFile('a,b', 'tokens.csv', () => {}), {
    message: "token file 'tokens.csv' must have at least 3 columns (token, user name, user uid), found 2",
  })
})
