import assert from 'node:assert/strict'
import { test } from 'node:test'
import { badRequest, internalError } from './errors.ts'

test('a refusal does not find out where it was made, and leaves others to', () => {
  assert.doesNotMatch(badRequest('no').stack ?? '', /\n\s+at /)
  assert.match(new Error('fault').stack ?? '', /\n\s+at /)
  const fault = new Error('fault')
  assert.equal(internalError(fault).cause, fault)
})
