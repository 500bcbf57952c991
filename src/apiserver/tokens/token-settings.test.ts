import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultIssuer, tokenSettings } from './token-settings.ts'

test('without flags this server issues and is meant', () => {
  assert.deepEqual(tokenSettings({}), {
    issuers: [defaultIssuer],
    audiences: [defaultIssuer],
    jwksUri: undefined,
    maxExpirationSeconds: 0,
    extended: true,
  })
})

test('several issuers are believed, and all of them are meant unless audiences are given', () => {
  const issuers = ['https://new.example.com', 'https://old.example.com']
  assert.deepEqual(tokenSettings({ 'service-account-issuer': issuers }).audiences, issuers)
  assert.deepEqual(tokenSettings({ 'service-account-issuer': issuers, 'api-audiences': ['me'] }).audiences, ['me'])
})

test('flags that cannot be are refused in upstream’s words', () => {
  for (const [values, message] of [
    [{ 'service-account-issuer': [''] }, 'service-account-issuer should not be an empty string'],
    [{ 'service-account-issuer': ['a', 'a'] }, 'service-account-issuer "a" is already specified'],
    [
      { 'service-account-jwks-uri': 'http://a/keys' },
      'service-account-jwks-uri requires https scheme, parsed as: http://a/keys',
    ],
    [
      { 'service-account-max-token-expiration': 60 },
      'the service-account-max-token-expiration must be between 1 hour and 2^32 seconds',
    ],
  ] as const)
    assert.throws(() => tokenSettings(values), { message })
})
