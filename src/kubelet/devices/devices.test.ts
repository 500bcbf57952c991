import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { resourceClaims } from '../../api/resource/v1/resource-claim.ts'
import { resourceSlices } from '../../api/resource/v1/resource-slice.ts'
import type { Container, Pod, ResourceClaim, ResourceSlice } from '../../api/types.generated.ts'
import { fakeClient } from '../../client/fake/fake-client.ts'
import { systemClock, VirtualClock } from '../../machinery/clock.ts'
import { silentLogger } from '../../machinery/log.ts'
import { createClaimCheckpoint } from './claim-checkpoint.ts'
import { startDriver } from './dra-driver.fixture.ts'
import { DraDrivers } from './dra-drivers.ts'
import { watchPlugins } from './plugin-watcher.ts'
import { PreparedClaims } from './prepared-claims.ts'

const name = 'gpu.example.com'
const claim = (claimName: string, uid: string, ...podUids: string[]) =>
  ({
    metadata: { name: claimName, namespace: 'ns', uid },
    spec: {},
    status: {
      allocation: { devices: { results: [{ request: 'gpu', driver: name, pool: 'node', device: 'gpu-0' }] } },
      reservedFor: podUids.map((podUid) => ({ resource: 'pods', name: podUid, uid: podUid })),
    },
  }) as unknown as ResourceClaim
const pod = (uid: string, ...claims: string[]) =>
  ({
    metadata: { name: uid, namespace: 'ns', uid },
    spec: { resourceClaims: claims.map((each) => ({ name: each, resourceClaimName: each })), containers: [] },
  }) as unknown as Pod
const using = (...claims: object[]) => ({ name: 'main', resources: { claims } }) as unknown as Container

/** A kubelet's part for devices in a folder of its own, with a driver. */
async function setup(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'devices-'))
  const registry = join(folder, 'registry')
  mkdirSync(registry)
  const client = fakeClient({ clock: systemClock })
  const signal = new AbortController()
  const drivers = new DraDrivers({
    client,
    nodeName: 'node',
    isNodeKnown: () => true,
    clock: systemClock,
    log: silentLogger,
    signal: signal.signal,
  })
  const socket = join(registry, 'gpu.sock')
  const begin = (more: object = {}) => startDriver({ name, socket, ...more })
  const watching = watchPlugins({
    folder: registry,
    handlers: { DRAPlugin: drivers },
    clock: systemClock,
    log: silentLogger,
    signal: signal.signal,
  })
  t.after(async () => {
    signal.abort()
    await watching
    rmSync(folder, { recursive: true, force: true })
  })
  const make = () =>
    new PreparedClaims({
      client,
      driver: (driver) => drivers.get(driver),
      checkpoint: createClaimCheckpoint(join(folder, 'dra_manager_state')),
    })
  return { client, drivers, begin, make }
}
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}

test('a driver registers, prepares a claim once for all pods, and takes it back after the last', async (t) => {
  const { client, begin, make } = await setup(t)
  const driver = await begin()
  t.after(() => driver.stop())
  await until(() => driver.told.length > 0)
  assert.deepEqual(driver.told, [''])
  client.seed(resourceClaims, claim('one', 'u1', 'a', 'b'))
  const devices = make()
  await devices.prepare(pod('a', 'one'))
  await devices.prepare(pod('b', 'one'))
  assert.deepEqual(devices.cdiDevices(pod('a', 'one'), using({ name: 'one' })), ['gpu.example.com/gpu=one'])
  assert.deepEqual(devices.cdiDevices(pod('a', 'one'), using({ name: 'one', request: 'other' })), [])
  assert.deepEqual(devices.cdiDevices(pod('a', 'one'), using()), [])
  await devices.unprepare(pod('a', 'one'))
  assert.deepEqual(driver.calls, ['prepare one'])
  await devices.unprepare(pod('b', 'one'))
  await devices.unprepare(pod('b', 'one'))
  assert.deepEqual(driver.calls, ['prepare one', 'unprepare one'])
})

test('a kubelet that comes after a crash takes back what pods of before left', async (t) => {
  const { client, begin, make } = await setup(t)
  const driver = await begin()
  t.after(() => driver.stop())
  await until(() => driver.told.length > 0)
  client.seed(resourceClaims, claim('one', 'u1', 'a'), claim('two', 'u2', 'b'))
  const before = make()
  await before.prepare(pod('a', 'one'))
  await before.prepare(pod('b', 'two'))
  const after = make()
  await after.reconcile((uid) => uid === 'b')
  assert.deepEqual(driver.calls.slice(2), ['unprepare one'])
  assert.deepEqual(after.cdiDevices(pod('b', 'two'), using({ name: 'two' })), ['gpu.example.com/gpu=two'])
})

test('what stands in the way is told in upstream’s words, and nothing is left behind', async (t) => {
  const { client, begin, make } = await setup(t)
  const devices = make()
  client.seed(resourceClaims, claim('one', 'u1', 'a'))
  const why = (subject: Pod) => devices.prepare(subject).catch((error: Error) => error.message)
  assert.equal(await why(pod('a', 'one')), 'prepare dynamic resources: DRA driver gpu.example.com is not registered')
  await devices.unprepare(pod('a', 'one'))
  assert.equal(
    await why(pod('z', 'one')),
    'prepare dynamic resources: pod z (z) is not allowed to use ResourceClaim one (u1)',
  )
  const driver = await begin()
  t.after(() => driver.stop())
  await until(() => driver.told.length > 0)
  driver.failure = 'no power'
  assert.equal(
    await why(pod('a', 'one')),
    'prepare dynamic resources: NodePrepareResources failed for ResourceClaim one: no power',
  )
  await assert.rejects(devices.unprepare(pod('a', 'one')), {
    message: 'unprepare dynamic resources: NodeUnprepareResources failed for ResourceClaim one: no power',
  })
  driver.failure = ''
  await devices.unprepare(pod('a', 'one'))
  assert.equal(driver.calls.at(-1), 'unprepare one')
})

test('a plugin of an unknown type or version hears why it is not taken', async (t) => {
  const { begin } = await setup(t)
  const driver = await begin({ versions: ['v9.DRAPlugin'] })
  t.after(() => driver.stop())
  await until(() => driver.told.length > 0)
  assert.match(driver.told[0]!, /none of services supported by the plugin \(\["v9.DRAPlugin"\]\) are supported/)
})

test('slices of a driver that stays away are deleted, those of one that is back are kept', async () => {
  const clock = new VirtualClock()
  const client = fakeClient({ clock })
  const signal = new AbortController()
  const drivers = new DraDrivers({
    client,
    nodeName: 'node',
    isNodeKnown: () => true,
    clock,
    log: silentLogger,
    signal: signal.signal,
  })
  const plugin = { name, endpoint: '/nowhere.sock', versions: ['v1.DRAPlugin'] }
  const deletions = () => client.actions.filter(({ verb }) => verb.startsWith('delete')).length
  client.seed(resourceSlices, { metadata: { name: 's' }, spec: { driver: name, nodeName: 'node' } } as ResourceSlice)
  drivers.register(plugin)
  drivers.deregister(plugin)
  drivers.register(plugin)
  await clock.advance(31_000)
  assert.equal(deletions(), 0)
  drivers.deregister(plugin)
  await clock.advance(31_000)
  assert.equal(deletions(), 1)
  signal.abort()
})
