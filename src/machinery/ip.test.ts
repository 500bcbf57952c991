import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { contains, formatCidr, formatIp, mustParseCidr, mustParseIp, nthAddress, parseCidr, parseIp } from './ip.ts'

test('addresses are written in their canonical form', () => {
  const canonical = (text: string) => formatIp(mustParseIp(text))
  assert.equal(canonical('10.0.0.1'), '10.0.0.1')
  assert.equal(canonical('FD00:0:0:1:0:0:0:2'), 'fd00:0:0:1::2')
  assert.equal(canonical('::'), '::')
  assert.equal(canonical('::1'), '::1')
  assert.equal(canonical('1::'), '1::')
  assert.equal(canonical('2001:db8:0:1:1:1:1:1'), '2001:db8:0:1:1:1:1:1')
  assert.equal(canonical('::ffff:10.1.2.3'), '10.1.2.3')
})

test('what is no address or range is undefined', () => {
  for (const text of ['', '10.0.0', '10.0.0.256', '010.0.0.1', 'fe80::1%eth0', 'x']) {
    assert.equal(parseIp(text), undefined, text)
  }
  for (const text of ['10.0.0.1', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/08', '/8', '::/129']) {
    assert.equal(parseCidr(text), undefined, text)
  }
})

test('a range knows its addresses', () => {
  const range = mustParseCidr('10.89.0.77/24')
  assert.equal(formatCidr(range), '10.89.0.0/24')
  assert.equal(formatIp(nthAddress(range, 1)), '10.89.0.1')
  assert.ok(contains(range, mustParseIp('10.89.0.255')))
  assert.ok(!contains(range, mustParseIp('10.89.1.0')))
  assert.throws(() => nthAddress(range, 256), RangeError)
})

test('every address survives writing and reading', () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const ip = mustParseIp(text)
      assert.deepEqual(parseIp(formatIp(ip)), ip)
    }),
  )
  fc.assert(fc.property(fc.ipV4(), (text) => assert.equal(formatIp(mustParseIp(text)), text)))
})
