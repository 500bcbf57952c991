import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode, encode } from 'dns-packet'
import { AnswerCache } from './cache.ts'

const answer = (more: object) =>
  encode({ type: 'response', id: 1, questions: [{ name: 'a.b', type: 'A' }], answers: [], ...more })
const address = (ttl: number) => ({ name: 'a.b', type: 'A', ttl, data: '192.0.2.1' })

test('an answer is kept as long as its shortest record, at most 30 s, and grows old', () => {
  const cache = new AnswerCache()
  cache.put('x', answer({ answers: [address(20), address(300)] }), 0)
  assert.deepEqual(
    decode(cache.get('x', 5500)!).answers!.map(({ ttl }) => ttl),
    [15, 295],
  )
  assert.ok(cache.get('x', 19_900))
  assert.equal(cache.get('x', 20_000), undefined)
  cache.put('x', answer({ answers: [address(3600)] }), 0)
  assert.equal(cache.get('x', 30_000), undefined)
})

test('a "no" is kept as its authority says, failures briefly, cut answers not at all', () => {
  const cache = new AnswerCache()
  const soa = { mname: 'ns', rname: 'x', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 8 }
  cache.put('no', answer({ flags: 3, authorities: [{ name: 'b', type: 'SOA', ttl: 600, data: soa }] }), 0)
  assert.ok(cache.get('no', 7900))
  assert.equal(cache.get('no', 8000), undefined)
  cache.put('failed', answer({ flags: 2 }), 0)
  assert.ok(cache.get('failed', 4900))
  assert.equal(cache.get('failed', 5000), undefined)
  cache.put('cut', answer({ flags: 0x200, answers: [address(60)] }), 0)
  assert.equal(cache.get('cut', 0), undefined)
})

test('a full cache forgets the oldest', () => {
  const cache = new AnswerCache(2)
  for (const key of ['a', 'b', 'c']) cache.put(key, answer({ answers: [address(60)] }), 0)
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => cache.get(key, 0) !== undefined),
    [false, true, true],
  )
})
