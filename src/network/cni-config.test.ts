import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cniConfig } from './cni-config.ts'
import { masqueradeRules } from './masquerade.ts'

test('pods get a cable each, an address of each range, and a default route', () => {
  const { plugins } = JSON.parse(cniConfig({ podCidrs: ['10.244.1.0/24', 'fd44:1::/64'], mtu: 1400 }))
  assert.deepEqual(plugins[0].ipam.ranges, [[{ subnet: '10.244.1.0/24' }], [{ subnet: 'fd44:1::/64' }]])
  assert.deepEqual(plugins[0].ipam.routes, [{ dst: '0.0.0.0/0' }, { dst: '::/0' }])
  assert.deepEqual([plugins[0].type, plugins[0].mtu, plugins[1].type], ['ptp', 1400, 'portmap'])
})

test('what pods send beyond the cluster is masqueraded, per family', () => {
  const rules = masqueradeRules(
    'skiff-network',
    ['10.244.1.0/24', 'fd44:1::/64'],
    ['10.244.0.0/16', '10.89.0.0/24', 'fd44::/48'],
  )
  assert.match(rules, /add set ip skiff-network cluster .*10\.244\.1\.0\/24, 10\.244\.0\.0\/16, 10\.89\.0\.0\/24, 224/)
  assert.match(rules, /add rule ip6 skiff-network postrouting ip6 saddr fd44:1::\/64 ip6 daddr != @cluster masquerade/)
})
