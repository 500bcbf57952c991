import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../machinery/clock.ts'
import { silentLogger } from '../machinery/log.ts'
import { createCompactor } from './compactor.ts'
import { put } from './conformance.ts'
import { createMemoryStore } from './memory/store.ts'
import { Compacted } from './store.ts'

test('history stays for an interval, and is forgotten after the next', async () => {
  const clock = new VirtualClock()
  const store = createMemoryStore({ clock })
  const write = () => store.transact({ compares: [], operations: [put('/a')] })
  await write()
  const compactor = createCompactor({ store, clock, log: silentLogger })
  await compactor.start()
  await write()
  await write()
  await clock.advance(299_000)
  assert.equal((await store.list('/', { at: 1 })).entries.length, 0)
  await clock.advance(1000)
  await assert.rejects(store.list('/', { at: 1 }), Compacted)
  assert.equal((await store.list('/', { at: 2 })).entries.length, 1)
  await clock.advance(300_000)
  await assert.rejects(store.list('/', { at: 3 }), Compacted)
  assert.equal((await store.list('/', { at: 4 })).entries.length, 1)
  await compactor.stop()
  assert.equal(clock.next(), undefined)
  await store.close()
})

test('a store in which nothing happens is not compacted again and again', async () => {
  const clock = new VirtualClock()
  const store = createMemoryStore({ clock })
  let compactions = 0
  const counting = {
    ...store,
    compact: async (revision: number) => void (await store.compact(revision), compactions++),
  }
  const compactor = createCompactor({ store: counting, clock, log: silentLogger })
  await compactor.start()
  await clock.advance(3_600_000)
  assert.equal(compactions, 1)
  await compactor.stop()
  await store.close()
})
