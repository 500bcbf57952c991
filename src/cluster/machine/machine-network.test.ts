import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  bridgeBatch,
  cableBatch,
  cableName,
  checkNetwork,
  gateways,
  hostRules,
  insideBatch,
  withPrefix,
} from './machine-network.ts'

const network = { bridge: 'skiff0', subnets: ['10.89.0.0/24', 'fd89::/64'], mtu: 1500 }

test('the host has the first address of each range', () => {
  assert.deepEqual(gateways(network), ['10.89.0.1', 'fd89::1'])
  assert.equal(withPrefix(network, '10.89.0.11'), '10.89.0.11/24')
  assert.throws(() => withPrefix({ ...network, subnets: ['10.89.0.0/24'] }, 'fd89::2'), /lies in no range of skiff0/)
})

test('a cable has a name of at most 15 characters, unlike any other', () => {
  assert.equal(cableName('skiff0', 'node1'), 'skiff0-node1')
  const long = Array.from({ length: 500 }, (_, i) => cableName('skiff0', `a-very-long-node-name-${i}`))
  assert.ok(long.every((name) => name.length <= 15))
  assert.equal(new Set(long).size, 500)
})

test('a network that cannot be is refused in plain words', () => {
  assert.throws(() => checkNetwork({ ...network, bridge: 'far-too-long-a-name' }), /cannot name a bridge/)
  assert.throws(() => checkNetwork({ ...network, subnets: ['10.0.0.0/30'] }), /too small/)
})

test('the commands make a bridge, a cable, and a machine that knows its way', () => {
  assert.equal(
    bridgeBatch(network),
    'link add skiff0 mtu 1500 type bridge\naddress add 10.89.0.1/24 dev skiff0\n' +
      'address add fd89::1/64 dev skiff0 nodad\nlink set skiff0 up\n',
  )
  assert.equal(
    cableBatch(network, 'node1', 42),
    'link add skiff0-node1 mtu 1500 type veth peer name eth0 mtu 1500 netns 42\nlink set skiff0-node1 master skiff0 up\n',
  )
  assert.equal(
    insideBatch(network, ['10.89.0.11']),
    'link set lo up\naddress add 10.89.0.11/24 dev eth0\nlink set eth0 up\nroute replace 0.0.0.0/0 via 10.89.0.1\n',
  )
  assert.match(insideBatch(network, ['10.89.0.11', 'fd89::11']), /route replace ::\/0 via fd89::1\n$/)
})

test('only what leaves the range takes the host address', () => {
  assert.match(
    hostRules(network),
    /add rule ip skiff0 postrouting ip saddr 10.89.0.0\/24 ip daddr != 10.89.0.0\/24 oifname != "skiff0" masquerade/,
  )
})
