import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../machinery/clock.ts'
import { put, record, storeConformance } from '../conformance.ts'
import { Compacted } from '../store.ts'
import { createMemoryStore } from './store.ts'

storeConformance('memory', async () => {
  const clock = new VirtualClock()
  return {
    open: async () => createMemoryStore({ clock }),
    pass: (ms) => clock.advance(ms),
    shortestTtlSeconds: 1,
  }
})

test('the memory store hands the writer’s attachment to reads and watches', async () => {
  const store = createMemoryStore()
  const attachment = { kind: 'Pod' }
  const watch = record(store, '/', 1)
  await store.transact({ compares: [], operations: [{ ...put('/a'), attachment } as never] })
  assert.equal((await store.get('/a')).entry?.attachment, attachment)
  const [event] = watch.events()
  assert.ok(event?.type === 'put')
  assert.equal(event.entry.attachment, attachment)
  await store.close()
})

test('the memory store forgets old history early rather than grow without end', async () => {
  const store = createMemoryStore({ maxHistoryBytes: 10_000 })
  for (let index = 0; index < 100; index++) {
    await store.transact({ compares: [], operations: [put('/a', 'x'.repeat(1000))] })
    assert.ok((await store.size()) < 12_100)
  }
  await assert.rejects(store.list('/', { at: 2 }), Compacted)
  assert.equal((await store.list('/', { at: 100 })).entries.length, 1)
  await store.close()
})

test('one watch among hundreds costs a write nothing', async () => {
  const store = createMemoryStore()
  const watches = Array.from({ length: 500 }, (_, index) => record(store, `/registry/kind${index}/`, 1))
  for (let index = 0; index < 500; index++) {
    await store.transact({ compares: [], operations: [put(`/registry/kind${index}/a`)] })
  }
  for (const [index, watch] of watches.entries()) {
    assert.deepEqual(watch.lines(), [`create /registry/kind${index}/a=/registry/kind${index}/a`])
    watch.stop()
  }
  await store.close()
})
