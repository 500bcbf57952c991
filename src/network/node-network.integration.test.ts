import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { nodes } from '../api/core/v1/node.ts'
import { fakeClient } from '../client/fake/fake-client.ts'
import { createInformerFactory } from '../client/informer-factory.ts'
import { sleep, systemClock } from '../machinery/clock.ts'
import { runCommand } from '../machinery/command.ts'
import { silentLogger } from '../machinery/log.ts'
import { inOwnNamespaces } from '../testing/own-namespaces.ts'
import { createNodeNetwork } from './node-network.ts'

if (inOwnNamespaces(import.meta.filename)) {
  const node = (n: number, podCIDR?: string) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: `node${n}` },
    spec: podCIDR === undefined ? {} : { podCIDR, podCIDRs: [podCIDR] },
    status: { addresses: [{ type: 'InternalIP', address: `10.89.0.1${n}` }] },
  })
  const routes = async () =>
    (await runCommand('ip', ['route', 'show', 'proto', '83'])).stdout
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean)
  const until = async (what: () => Promise<boolean>) => {
    for (let i = 0; i < 200; i++) {
      if (await what()) return
      await sleep(systemClock, 10, undefined, { keepsAlive: true })
    }
    assert.fail('it did not happen')
  }

  test('a node gets its CNI configuration and its routes, follows changes, and leaves nothing', async () => {
    const top = mkdtempSync(join(tmpdir(), 'skiff-network-'))
    await runCommand('ip', ['-batch', '-'], {
      input: 'link add uplink type bridge\naddress add 10.89.0.11/24 dev uplink\nlink set uplink up\n',
    })
    const client = fakeClient()
    client.seed(nodes, node(1), node(2, '10.244.2.0/24'))
    const informers = createInformerFactory({ client, clock: systemClock, log: silentLogger })
    const options = {
      informers,
      nodeName: 'node1',
      link: 'uplink',
      clusterCidrs: ['10.244.0.0/16', '10.89.0.0/24'],
      mtu: 1400,
      cniFolder: top,
      run: runCommand,
      clock: systemClock,
      log: silentLogger,
    }
    const network = createNodeNetwork(options)
    await network.start()
    assert.deepEqual(await routes(), ['10.244.2.0/24 via 10.89.0.12 dev uplink'])
    assert.ok(!existsSync(join(top, '10-skiff.conflist')))

    await client.patch(nodes, { name: 'node1' }, 'merge', {
      spec: { podCIDR: '10.244.1.0/24', podCIDRs: ['10.244.1.0/24'] },
    })
    await until(async () => existsSync(join(top, '10-skiff.conflist')))
    assert.match(readFileSync(join(top, '10-skiff.conflist'), 'utf8'), /"subnet": "10.244.1.0\/24"/)
    assert.match((await runCommand('nft', ['list', 'ruleset'])).stdout, /masquerade/)
    await client.delete(nodes, { name: 'node2' })
    await client.create(nodes, node(3, '10.244.3.0/24'))
    await until(async () => (await routes()).join() === '10.244.3.0/24 via 10.89.0.13 dev uplink')
    await network.stop()

    const host = createNodeNetwork({ ...options, nodeName: undefined, onLinkCidrs: ['10.96.0.0/16'] })
    await host.start()
    assert.deepEqual(await routes(), [
      '10.244.1.0/24 via 10.89.0.11 dev uplink',
      '10.244.3.0/24 via 10.89.0.13 dev uplink',
    ])
    await host.stop()
    await host.remove()
    await network.remove()
    await informers.stop()
    assert.deepEqual(await routes(), [])
    assert.equal((await runCommand('nft', ['list', 'ruleset'])).stdout, '')
    rmSync(top, { recursive: true })
  })
}
