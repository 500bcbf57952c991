import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CidrPool } from './cidr-pool.ts'

test('ranges are given in turn, around what is taken and what was given back', () => {
  const pool = new CidrPool('10.0.0.0/22', 24)
  const used = ['10.0.1.0/24']
  assert.equal(pool.allocate(used).cidr, '10.0.0.0/24')
  used.push('10.0.0.0/24')
  assert.equal(pool.allocate(used).cidr, '10.0.2.0/24')
  used.push('10.0.2.0/24')
  assert.equal(pool.allocate(used).cidr, '10.0.3.0/24')
  used.push('10.0.3.0/24')
  assert.equal(pool.allocate(used).cidr, undefined)
  assert.equal(pool.allocate(used.slice(1)).cidr, '10.0.1.0/24')
})

test('a larger or smaller range that overlaps is taken as a whole', () => {
  const pool = new CidrPool('10.0.0.0/22', 24)
  assert.equal(pool.allocate(['10.0.0.0/23', '10.0.2.128/25']).cidr, '10.0.3.0/24')
  assert.equal(pool.allocate(['0.0.0.0/0']).cidr, undefined)
  assert.equal(new CidrPool('10.0.0.0/22', 24).allocate(['fd00::/8', '192.168.0.0/16']).cidr, '10.0.0.0/24')
})

test('ranges of IPv6 are as wide as upstream makes them', () => {
  const pool = new CidrPool('fd00:10:244::/56', 64)
  assert.deepEqual([pool.allocate([]).cidr, pool.allocate([]).cidr], ['fd00:10:244::/64', 'fd00:10:244:1::/64'])
  assert.throws(() => new CidrPool('fd00::/40', 64), /too big/)
  assert.throws(() => new CidrPool('10.0.0.0/25', 24), /does not fit/)
})
