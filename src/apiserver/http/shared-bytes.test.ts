import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SharedBatches, SharedBytes } from './shared-bytes.ts'

const frame = (text: string) => Buffer.from(`${text}\n`)

test('a chunk has its length in hexadecimal before it and ends with a line', () => {
  const shared = new SharedBytes(Buffer.from('x'.repeat(26)))
  assert.equal(Buffer.from(shared.chunk).toString(), `1a\r\n${'x'.repeat(26)}\r\n`)
  assert.equal(shared.chunk, shared.chunk, 'made once')
})

test('the same frames in the same order are joined once', () => {
  const batches = new SharedBatches()
  const [a, b] = [frame('a'), frame('b')]
  const joined = batches.join([a, b])
  assert.equal(Buffer.from(joined.bytes).toString(), 'a\nb\n')
  assert.equal(batches.join([a, b]), joined)
  assert.notEqual(batches.join([b, a]), joined)
  assert.notEqual(batches.join([a]), joined)
  assert.notEqual(batches.join([frame('a'), frame('b')]), joined, 'equal bytes of other frames')
})

test('a batch is forgotten when others have come', () => {
  const batches = new SharedBatches()
  const a = frame('a')
  const joined = batches.join([a])
  for (let other = 0; other < 8; other++) batches.join([frame(String(other))])
  assert.notEqual(batches.join([a]), joined)
})
