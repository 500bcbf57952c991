import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StoredObject } from '../cache/stored-object.ts'
import type { WatchNotice } from '../cache/watch-event.ts'
import { SharedBatches } from './shared-batches.ts'
import type { WatchEncoder } from './watch-encoder.ts'

const notice = (key: string): WatchNotice => ({
  type: 'ADDED',
  object: StoredObject.decode(key, Buffer.from('{}'), 1, 1),
})
/** Writes an object's key, and counts how often it was asked to. */
function keys(alike?: object, frameBytes = 0): WatchEncoder & { readonly made: () => number } {
  let made = 0
  const frame = (told: WatchNotice) => {
    made++
    return Buffer.from(`${told.type === 'BOOKMARK' ? '' : told.object.key}\n`.padStart(frameBytes))
  }
  return { ...(alike && { alike }), notice: frame, error: () => Buffer.from(''), made: () => made }
}
const text = ({ bytes }: { readonly bytes: { readonly bytes: Uint8Array } }) => Buffer.from(bytes.bytes).toString()

test('what watches alike are told of is encoded and joined once', () => {
  const batches = new SharedBatches()
  const [json, other] = [keys({}), keys({})]
  const [a, b] = [notice('a'), notice('b')]
  const first = batches.next([a, b], 0, json)
  assert.equal(text(first), 'a\nb\n')
  assert.deepEqual(first.frameBytes, [2, 2])
  assert.equal(batches.next([notice('x'), a, b], 1, json).bytes, first.bytes)
  assert.equal(json.made(), 2)
  assert.notEqual(batches.next([b, a], 0, json).bytes, first.bytes)
  assert.notEqual(batches.next([a], 0, json).bytes, first.bytes)
  assert.equal(text(batches.next([a, b, a], 0, json)), 'a\nb\na\n', 'not in two writes')
  assert.notEqual(batches.next([a, b], 0, other).bytes, first.bytes, 'another encoding')
})

test('an encoder with frames of its own shares them with nobody', () => {
  const batches = new SharedBatches()
  const own = keys()
  const told = [notice('a')]
  assert.notEqual(batches.next(told, 0, own).bytes, batches.next(told, 0, own).bytes)
})

test('a write ends when it is large enough, and is shared by those who have more to be told', () => {
  const batches = new SharedBatches()
  const json = keys({}, 40 * 1024)
  const told = [notice('a'), notice('b'), notice('c')]
  const first = batches.next(told, 0, json)
  assert.equal(first.notices.length, 2)
  assert.equal(batches.next(told.slice(0, 2), 0, json).bytes, first.bytes)
  assert.equal(batches.next(told, 2, json).notices.length, 1)
})

test('a batch is forgotten when others have come', () => {
  const batches = new SharedBatches()
  const json = keys({})
  const told = [notice('a')]
  const { bytes } = batches.next(told, 0, json)
  for (let other = 0; other < 8; other++) batches.next([notice(String(other))], 0, json)
  assert.notEqual(batches.next(told, 0, json).bytes, bytes)
})
