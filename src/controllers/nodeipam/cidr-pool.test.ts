import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CidrPool } from './cidr-pool.ts'

const given = (pool: CidrPool): string | undefined => {
  const { cidr } = pool.next()
  if (cidr !== undefined) pool.occupy(cidr)
  return cidr
}

test('ranges are given in turn, around what is taken and what was given back', () => {
  const pool = new CidrPool('10.0.0.0/22', 24)
  pool.occupy('10.0.1.0/24')
  assert.deepEqual([given(pool), given(pool), given(pool)], ['10.0.0.0/24', '10.0.2.0/24', '10.0.3.0/24'])
  assert.deepEqual(pool.next(), { cidr: undefined, tries: 4 })
  pool.release('10.0.1.0/24')
  assert.equal(given(pool), '10.0.1.0/24')
  assert.equal(pool.taken, 4)
})

test('a larger or smaller range that overlaps is taken as a whole, as often as it is in use', () => {
  const pool = new CidrPool('10.0.0.0/22', 24)
  pool.occupy('10.0.0.0/23')
  pool.occupy('10.0.2.128/25')
  pool.occupy('10.0.2.0/25')
  assert.equal(pool.next().cidr, '10.0.3.0/24')
  pool.release('10.0.2.128/25')
  assert.equal(pool.taken, 3)
  pool.occupy('0.0.0.0/0')
  assert.equal(pool.next().cidr, undefined)
  pool.release('0.0.0.0/0')
  for (const foreign of ['fd00::/8', '192.168.0.0/16', 'no range']) pool.occupy(foreign)
  assert.equal(pool.taken, 3)
})

test('ranges of IPv6 are as wide as upstream makes them', () => {
  const pool = new CidrPool('fd00:10:244::/56', 64)
  assert.deepEqual([given(pool), given(pool)], ['fd00:10:244::/64', 'fd00:10:244:1::/64'])
  assert.throws(() => new CidrPool('fd00::/40', 64), /too big/)
  assert.throws(() => new CidrPool('10.0.0.0/25', 24), /does not fit/)
})
