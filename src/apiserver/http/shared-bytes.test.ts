import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SharedBytes } from './shared-bytes.ts'

test('a chunk has its length in hexadecimal before it and ends with a line', () => {
  const shared = new SharedBytes(Buffer.from('x'.repeat(26)))
  assert.equal(Buffer.from(shared.chunk).toString(), `1a\r\n${'x'.repeat(26)}\r\n`)
  assert.equal(shared.chunk, shared.chunk, 'made once')
})
