import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { VirtualClock } from '../../machinery/clock.ts'
import { put, record, remove } from '../conformance.ts'
import { Compacted, type Operation, type Store } from '../store.ts'
import { mostRevisionsAhead } from './database.ts'
import { openSqliteStore } from './store.ts'

const root = mkdtempSync(join(tmpdir(), 'skiff-fleeting-'))
const stores: Store[] = []
after(async () => {
  for (const store of stores) await store.close()
  rmSync(root, { recursive: true })
})
let count = 0
const fresh = () => join(root, `${count++}`)

/** The folder as the loss of the process leaves it now. */
function crashed(folder: string): string {
  const copy = fresh()
  cpSync(folder, copy, { recursive: true })
  return copy
}

async function write(store: Store, operation: Operation, fleeting = false): Promise<number> {
  const result = await store.transact({ compares: [], operations: [operation], fleeting })
  assert.ok(result.succeeded)
  return result.revision
}

async function valueOf(store: Store, key: string): Promise<string | undefined> {
  const { entry } = await store.get(key)
  return entry && new TextDecoder().decode(entry.value)
}

async function open(folder: string, clock: VirtualClock): Promise<Store> {
  const store = await openSqliteStore({ folder, clock })
  stores.push(store)
  return store
}

async function opened(): Promise<{ store: Store; folder: string; clock: VirtualClock }> {
  const folder = fresh()
  const clock = new VirtualClock()
  const store = await open(folder, clock)
  await write(store, put('/beat', '0'), true)
  return { store, folder, clock }
}

test('what is fleeting is seen at once, and on disk a minute later', async () => {
  const { store, folder, clock } = await opened()
  const watch = record(store, '/', await store.revision())
  const revision = await write(store, put('/beat', '1'), true)
  assert.equal(await store.revision(), revision)
  assert.equal(await valueOf(store, '/beat'), '1')
  await watch.until('the beat', () => watch.batches.length === 1)
  const early = await open(crashed(folder), clock)
  assert.equal(await valueOf(early, '/beat'), '0')
  const log = join(folder, 'store.db-wal')
  const onDisk = new Promise<void>((resolve) => {
    const { size } = statSync(log)
    const look = () => (statSync(log).size > size ? resolve() : setImmediate(look))
    setImmediate(look)
  })
  await clock.advance(60_000)
  await onDisk
  await store.compact(1)
  const late = await open(crashed(folder), clock)
  assert.equal(await valueOf(late, '/beat'), '1')
})

test('what is written durably takes along what is fleeting before it', async () => {
  const { store, folder, clock } = await opened()
  await write(store, put('/beat', '1'), true)
  await write(store, put('/other', 'x'))
  const again = await open(crashed(folder), clock)
  assert.equal(await valueOf(again, '/beat'), '1')
  assert.equal(await valueOf(again, '/other'), 'x')
})

test('a revision that was seen and lost is not used again, and watches from before begin anew', async () => {
  const { store, folder, clock } = await opened()
  const durable = await write(store, put('/other', 'x'))
  let seen = durable
  for (let beat = 1; beat <= 5; beat++) seen = await write(store, put('/beat', `${beat}`), true)
  const again = await open(crashed(folder), clock)
  assert.ok((await again.revision()) > seen)
  assert.ok((await write(again, put('/other', 'y'))) > seen)
  const watch = record(again, '/', durable)
  await watch.until('the end', () => watch.kept.end !== undefined)
  assert.ok(watch.kept.end instanceof Compacted)
})

test('after an orderly end everything is there, with its history', async () => {
  const { store, folder, clock } = await opened()
  const first = await store.revision()
  const last = await write(store, put('/beat', '1'), true)
  await store.close()
  const again = await open(folder, clock)
  assert.equal(await again.revision(), last)
  const watch = record(again, '/', first)
  await watch.until('the beat', () => watch.batches.length === 1)
})

test('no more is ahead of the disk than a start passes over', async () => {
  const { store, folder, clock } = await opened()
  for (let beat = 1; beat <= mostRevisionsAhead + 1; beat++) await write(store, put('/beat', `${beat}`), true)
  const again = await open(crashed(folder), clock)
  assert.equal(await valueOf(again, '/beat'), `${mostRevisionsAhead + 1}`)
})

test('a store whose last operations were deletions takes writes after a crash', async () => {
  const { store, folder, clock } = await opened()
  await write(store, put('/a', 'x'))
  await write(store, remove('/a'))
  const copy = crashed(folder)
  for (const value of ['1', '2']) {
    const again = await open(copy, clock)
    await write(again, put('/a', value))
    assert.equal(await valueOf(again, '/a'), value)
    await again.close()
  }
})
