import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock, sleep } from '../../machinery/clock.ts'
import { put, record, storeConformance } from '../conformance.ts'
import { type Store, StoreUnavailable } from '../store.ts'
import { etcdBinary, startEtcd } from './etcd-server.ts'
import { openEtcdStore, progressCanBeTrusted } from './store.ts'

const binary = etcdBinary()
const skip = binary || process.env.CI === 'true' ? undefined : 'no etcd server on this machine'

storeConformance(
  'etcd',
  async () => {
    const server = await startEtcd(binary!)
    const prefixes = new Map<Store, string>()
    let count = 0
    const open = async (prefix: string) => {
      const store = await openEtcdStore({ endpoints: [server.endpoint], prefix })
      prefixes.set(store, prefix)
      return store
    }
    return {
      open: () => open(`/test${count++}`),
      reopen: async (store) => {
        await store.close()
        return open(prefixes.get(store)!)
      },
      pass: (ms) => sleep(systemClock, ms),
      shortestTtlSeconds: 2,
      lacks: progressCanBeTrusted(server.version) ? [] : ['progress'],
      stop: () => server.stop(),
    }
  },
  { skip },
)

test('a watch outlives a crash of etcd and misses nothing', { skip, timeout: 60_000 }, async () => {
  const server = await startEtcd(binary!)
  const store = await openEtcdStore({ endpoints: [server.endpoint] })
  const other = await openEtcdStore({ endpoints: [server.endpoint] })
  try {
    const watch = record(store, '/', await store.revision())
    const write = (text: string) => other.transact({ compares: [], operations: [put('/a', text)] })
    await write('1')
    await watch.until('the first', () => watch.batches.length === 1)
    await server.kill()
    const during = write('2').catch(() => undefined)
    await server.start()
    if ((await during) === undefined) await write('2')
    await write('3')
    await watch.until('the rest', () => watch.lines().includes('update /a=3'), 20_000)
    assert.deepEqual(watch.lines(), ['create /a=1', 'update /a=2', 'update /a=3'])
    assert.equal(watch.kept.end, undefined)
    watch.stop()
  } finally {
    await store.close()
    await other.close()
    await server.stop()
  }
})

test('an etcd that does not answer is named', { timeout: 30_000 }, async () => {
  await assert.rejects(
    openEtcdStore({ endpoints: ['http://127.0.0.1:1'] }),
    (error) => error instanceof StoreUnavailable && /^etcd at http:\/\/127.0.0.1:1 does not answer/.test(error.message),
  )
})

test('the next endpoint answers when one does not', { skip, timeout: 30_000 }, async () => {
  const server = await startEtcd(binary!)
  const store = await openEtcdStore({ endpoints: ['http://127.0.0.1:1', server.endpoint] })
  await store.transact({ compares: [], operations: [put('/a')] })
  assert.equal(await store.count('/'), 1)
  await store.close()
  await server.stop()
})

test('keys may begin otherwise than with /registry, and nobody sees it', { skip, timeout: 60_000 }, async () => {
  const server = await startEtcd(binary!)
  const store = await openEtcdStore({ endpoints: [server.endpoint], root: '/other/root' })
  const plain = await openEtcdStore({ endpoints: [server.endpoint] })
  try {
    const watch = record(store, '/registry/pods/', await store.revision())
    await store.transact({ compares: [], operations: [put('/registry/pods/a', '1')] })
    await plain.transact({ compares: [], operations: [put('/registry/pods/b', '2')] })
    await store.transact({ compares: [], operations: [put('/registry/pods/c', '3')] })
    await watch.until('both', () => watch.lines().length === 2)
    assert.deepEqual(watch.lines(), ['create /registry/pods/a=1', 'create /registry/pods/c=3'])
    const keys = async (of: Store, prefix: string) => (await of.list(prefix)).entries.map(({ key }) => key)
    assert.deepEqual(await keys(store, '/registry/'), ['/registry/pods/a', '/registry/pods/c'])
    assert.deepEqual(await keys(store, ''), ['/registry/pods/a', '/registry/pods/c'])
    assert.deepEqual(await keys(plain, '/registry/'), ['/registry/pods/b'])
    assert.deepEqual(await keys(plain, '/other/'), ['/other/root/pods/a', '/other/root/pods/c'])
    watch.stop()
  } finally {
    await store.close()
    await plain.close()
    await server.stop()
  }
})
