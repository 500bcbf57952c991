import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseSettings } from './choose-settings.ts'

const host = { runtime: 'containerd', freeIndex: () => 0 } as const

test('a new cluster takes the usual ranges, port and store', () => {
  assert.deepEqual(chooseSettings({}, undefined, host), {
    name: 'skiff',
    runtime: 'containerd',
    nodes: 1,
    store: { engine: 'sqlite' },
    port: 6443,
    network: { index: 0, bridge: 'skiff0', nodes: '10.89.0.0/24', pods: '10.244.0.0/16', services: '10.96.0.0/16' },
  })
})

test('a second cluster on the host shares no range, port or name with the first', () => {
  const second = chooseSettings({}, undefined, { ...host, freeIndex: () => 1 })
  assert.deepEqual(
    [second.name, second.port, second.network.pods, second.network.services],
    ['skiff-1', 6543, '10.243.0.0/16', '10.97.0.0/16'],
  )
})

test('a simulated cluster has a pod range for every node', () => {
  const { network } = chooseSettings({ runtime: 'simulated', nodes: 5000 }, undefined, host)
  assert.equal(network.pods, '10.128.0.0/9')
})

test('a cluster that was there keeps its store and runtime, and may change its nodes', () => {
  const before = chooseSettings({ runtime: 'simulated' }, undefined, host)
  assert.equal(chooseSettings({ nodes: 3 }, before, host).nodes, 3)
  assert.equal(chooseSettings({}, before, host).runtime, 'simulated')
  assert.throws(() => chooseSettings({ runtime: 'containerd' }, before, host), /skiff reset/)
  assert.throws(() => chooseSettings({ store: { engine: 'memory' } }, before, host), /keeps its objects in sqlite/)
})

test('flags of the API server are kept until an empty one takes them back', () => {
  const flags = { 'audit-policy-file': '/p', 'audit-log-path': '/l', 'audit-log-maxage': 0 }
  const before = chooseSettings({ apiServer: flags }, undefined, host)
  assert.deepEqual(chooseSettings({}, before, host).apiServer, flags)
  const less = chooseSettings({ apiServer: { 'audit-policy-file': '', 'audit-log-path': '-' } }, before, host)
  assert.deepEqual(less.apiServer, { 'audit-log-path': '-', 'audit-log-maxage': 0 })
})

test('impossible wishes are refused with what is possible', () => {
  assert.throws(() => chooseSettings({ nodes: 9999 }, undefined, host), /choose 1 to 5000/)
  assert.throws(() => chooseSettings({ port: 70000 }, undefined, host), /is no port/)
  assert.throws(() => chooseSettings({ nodes: 300 }, undefined, host), /at most 200 real nodes/)
})
