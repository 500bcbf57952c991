import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CidrPool } from './cidr-pool.ts'

test('parts are handed out lowest first, without those that are taken', () => {
  const pool = new CidrPool('10.244.0.0/16', 24)
  pool.occupy('10.244.1.0/24')
  pool.occupy('10.99.0.0/24')
  assert.deepEqual([pool.allocate(), pool.allocate()], ['10.244.0.0/24', '10.244.2.0/24'])
  pool.release('10.244.0.0/24')
  assert.equal(pool.allocate(), '10.244.0.0/24')
})

test('a range that is used up gives nothing, and is not overrun', () => {
  const pool = new CidrPool('10.0.0.0/23', 24)
  assert.deepEqual([pool.allocate(), pool.allocate(), pool.allocate()], ['10.0.0.0/24', '10.0.1.0/24', undefined])
})

test('parts cannot be larger than the range', () => {
  assert.throws(() => new CidrPool('10.0.0.0/25', 24), RangeError)
})
