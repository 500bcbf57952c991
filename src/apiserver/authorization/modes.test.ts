import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configurationOfModes } from './modes.ts'

test('--authorization-mode stands for a configuration', () => {
  assert.equal(configurationOfModes({}), undefined)
  const configured = configurationOfModes({
    'authorization-mode': ['Node', 'Webhook', 'RBAC'],
    'authorization-webhook-config-file': '/hook.conf',
    'authorization-webhook-cache-unauthorized-ttl': 0,
  })
  assert.deepEqual(
    configured!.authorizers.map(({ type, name, webhook }) => [type, name, webhook?.connectionInfo.kubeConfigFile]),
    [
      ['Node', 'node', undefined],
      ['Webhook', 'default', '/hook.conf'],
      ['RBAC', 'rbac', undefined],
    ],
  )
  const { authorizedTTL, cacheAuthorizedRequests, cacheUnauthorizedRequests, failurePolicy } =
    configured!.authorizers[1]!.webhook!
  assert.deepEqual(
    [authorizedTTL, cacheAuthorizedRequests, cacheUnauthorizedRequests, failurePolicy],
    [300_000, true, false, 'NoOpinion'],
  )
})

test('modes that cannot be are refused in upstream’s words', () => {
  for (const [values, message] of [
    [{ 'authorization-mode': ['AlwaysAllow'] }, 'authorization-mode "AlwaysAllow" is not a valid mode'],
    [{ 'authorization-mode': ['ABAC'] }, "authorization-mode ABAC's authorization policy file not passed"],
    [{ 'authorization-mode': ['Webhook'] }, "authorization-mode Webhook's authorization config file not passed"],
    [
      { 'authorization-mode': ['RBAC', 'RBAC'] },
      'authorization-mode ["RBAC" "RBAC"] has mode specified more than once',
    ],
    [{ 'authorization-policy-file': '/p' }, 'cannot specify --authorization-policy-file without mode ABAC'],
    [
      { 'authorization-webhook-config-file': '/p' },
      'cannot specify --authorization-webhook-config-file without mode Webhook',
    ],
    [
      { 'authorization-mode': ['RBAC'], 'authorization-config': '/c' },
      '--authorization-config can not be specified when --authorization-mode or --authorization-webhook-* flags are defined',
    ],
  ] as const)
    assert.throws(() => configurationOfModes(values), { message })
})
