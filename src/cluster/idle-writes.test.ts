import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createPki } from '../apiserver/pki/pki.ts'
import { VirtualClock } from '../machinery/clock.ts'
import { silentLogger } from '../machinery/log.ts'
import { systemRandom } from '../machinery/random.ts'
import { createMemoryStore } from '../store/memory/store.ts'
import { startControlPlane } from './control-plane.ts'
import { startSimulatedNodes } from './node/simulated-nodes.ts'
import { clusterNetwork } from './settings.ts'

test('an idle cluster writes the leases of its nodes and nothing else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-idle-'))
  const clock = new VirtualClock(Date.now())
  const network = clusterNetwork(0)
  const pki = createPki({ folder, clock })
  const store = createMemoryStore({ clock })
  const controlPlane = await startControlPlane({
    store,
    pki,
    podCidrs: [network.pods],
    serviceCidrs: [network.services],
    advertise: { address: '10.0.0.1', port: 6443 },
    clock,
    random: systemRandom,
    log: silentLogger,
  })
  await controlPlane.startWorkers()
  const starting = startSimulatedNodes({
    settings: { name: 'idle', runtime: 'simulated', nodes: 2, store: { engine: 'memory' }, port: 0, network },
    controlPlane,
    pki,
    localKubelets: new Map(),
    clock,
    log: silentLogger,
    progress: () => {},
    signal: new AbortController().signal,
  })
  await clock.advance(60_000)
  const nodes = await starting
  const written: string[] = []
  store.watch('/', await store.revision(), {
    onEvents: (events) => written.push(...events.map((event) => (event.type === 'put' ? event.entry.key : event.key))),
    onEnd: () => {},
  })
  await clock.advance(120_000)
  assert.deepEqual([...new Set(written)].sort(), [
    '/registry/leases/kube-node-lease/node1',
    '/registry/leases/kube-node-lease/node2',
  ])
  assert.equal(written.length, 24, 'each renews every ten seconds')
  await nodes.stop(() => {})
  await controlPlane.stop()
  rmSync(folder, { recursive: true })
})
