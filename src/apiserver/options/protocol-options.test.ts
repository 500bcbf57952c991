import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadProtocolOptions, protocolOptions } from './protocol-options.ts'

test('flags that make no sense are refused by name', async () => {
  for (const [values, message] of [
    [{ 'goaway-chance': 0.5 }, '--goaway-chance can not be less than 0 or greater than 0.02'],
    [{ 'request-timeout': -1 }, '--request-timeout can not be negative value'],
    [{ 'max-requests-inflight': -1 }, '--max-requests-inflight can not be negative value'],
    [
      { 'max-requests-inflight': 0, 'max-mutating-requests-inflight': 0 },
      /^invalid configuration: MaxRequestsInFlight=0/,
    ],
    [{ 'strict-transport-security-directives': ['max-age'] }, /^--strict-transport-security-directives invalid/],
    [{ 'strict-transport-security-directives': [' '] }, 'empty value in strict-transport-security-directives'],
  ] as const) {
    assert.throws(() => protocolOptions(values), { message })
  }
  for (const pattern of ['example.com', '//example.com', '//(:', '']) {
    await assert.rejects(loadProtocolOptions({ 'cors-allowed-origins': [pattern] }), /--cors-allowed-origins/, pattern)
  }
})

test('an origin is allowed when one of the patterns is found in it', async () => {
  const { isAllowedOrigin } = await loadProtocolOptions({ 'cors-allowed-origins': ['//a\\.com(:|$)', '^http://b:1$'] })
  const allowed = (origin: string) => isAllowedOrigin!(origin)
  assert.deepEqual(
    ['https://a.com', 'http://a.com:8080', 'http://a.com.evil', 'http://b:1', 'http://b:12'].map(allowed),
    [true, true, false, true, false],
  )
})

test('without flags all is as upstream has it, but for the streams of a connection', async () => {
  const options = await loadProtocolOptions({})
  assert.equal(options.isAllowedOrigin, undefined)
  assert.deepEqual(options.inFlight, { shared: true, reads: 400, writes: 200 })
  assert.equal(options.requestTimeoutMs, 60_000)
  assert.equal(options.compactionIntervalMs, 300_000)
})
