import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { systemClock } from '../../machinery/clock.ts'
import { put } from '../conformance.ts'
import { openSqliteStore } from './store.ts'

const root = mkdtempSync(join(tmpdir(), 'skiff-refusal-'))
after(() => rmSync(root, { recursive: true }))
let count = 0
const fresh = () => join(root, `${count++}`)
const open = (folder: string) => openSqliteStore({ folder, clock: systemClock })

/** A folder with twenty keys; `crashed`: as a loss of power leaves it, its log not yet moved into the main file. */
async function filled(crashed: boolean): Promise<string> {
  const folder = fresh()
  const store = await open(folder)
  for (let index = 0; index < 20; index++) {
    await store.transact({ compares: [], operations: [put(`/key/${index}`, `value ${index} ${'x'.repeat(3000)}`)] })
  }
  if (!crashed) {
    await store.close()
    return folder
  }
  const copy = fresh()
  cpSync(folder, copy, { recursive: true })
  await store.close()
  return copy
}

function flipByte(file: string, at: number): void {
  const bytes = readFileSync(file)
  bytes[at] = bytes[at]! ^ 0x40
  writeFileSync(file, bytes)
}

async function refused(folder: string, why: RegExp, advice: RegExp): Promise<void> {
  await assert.rejects(open(folder), (error: Error) => {
    assert.equal(error.name, 'StoreUnavailable')
    assert.match(error.message, why)
    assert.match(error.message, advice)
    assert.doesNotMatch(error.message, /\n/)
    return true
  })
}

const damaged = /restore the folder from a backup, or move it away/

test('a store of a newer format is refused', async () => {
  const folder = await filled(false)
  const db = new DatabaseSync(join(folder, 'store.db'))
  db.exec('PRAGMA user_version = 2')
  db.close()
  await refused(folder, /written by a newer version of Skiff \(format 2, this one knows 1\)/, /use that version/)
})

test('a database of somebody else is refused and left alone', async () => {
  const folder = fresh()
  mkdirSync(folder)
  const db = new DatabaseSync(join(folder, 'store.db'))
  db.exec('CREATE TABLE theirs (a)')
  db.close()
  const before = readFileSync(join(folder, 'store.db'))
  await refused(folder, /was not written by Skiff/, /choose another data folder/)
  assert.deepEqual(readFileSync(join(folder, 'store.db')), before)
})

test('a file that is no database is refused', async () => {
  const folder = fresh()
  mkdirSync(folder)
  writeFileSync(join(folder, 'store.db'), 'hello '.repeat(1000))
  await refused(folder, /file is not a database/, damaged)
})

test('a value that is not as it was written is refused', async () => {
  const folder = await filled(false)
  const file = join(folder, 'store.db')
  flipByte(file, readFileSync(file).indexOf('value 7 ') + 100)
  await refused(folder, /the record of revision 9 is not as it was written/, damaged)
})

test('a store that was cut short is refused', async () => {
  const folder = await filled(false)
  truncateSync(join(folder, 'store.db'), 16384)
  await refused(folder, /damaged/, damaged)
})

test('a log without its main file is refused', async () => {
  const folder = await filled(true)
  rmSync(join(folder, 'store.db'))
  await refused(folder, /has lost its main file/, damaged)
})

test('a damaged record in the middle of the log is refused, for it was acknowledged', async () => {
  const folder = await filled(true)
  const wal = join(folder, 'store.db-wal')
  flipByte(wal, readFileSync(wal).indexOf('value 7 ') + 100)
  await refused(folder, /its log is damaged at byte \d+/, damaged)
})

test('a damaged header of the log is refused', async () => {
  const folder = await filled(true)
  flipByte(join(folder, 'store.db-wal'), 13)
  await refused(folder, /its log is damaged at byte 0/, damaged)
})

test('a torn end of the log is the write that was never acknowledged', async () => {
  const folder = await filled(true)
  const wal = join(folder, 'store.db-wal')
  const whole = statSync(wal).size
  for (const cut of [1, 3000, 5000]) {
    const copy = fresh()
    cpSync(folder, copy, { recursive: true })
    truncateSync(join(copy, 'store.db-wal'), whole - cut)
    const store = await open(copy)
    const { entries } = await store.list('/')
    assert.ok(entries.length >= 18 && entries.length < 20)
    assert.equal(await store.revision(), entries.length + 1)
    await store.transact({ compares: [], operations: [put('/next')] })
    await store.close()
  }
})

test('a path that is no folder is refused', async () => {
  const folder = fresh()
  writeFileSync(folder, '')
  await refused(folder, /cannot be opened/, /check the folder's owner, mode and disk/)
})

test('a folder that is open in this process is refused too, and free once closed', async () => {
  const folder = fresh()
  const store = await open(folder)
  await refused(folder, /is in use by another process/, /stop that one/)
  await store.close()
  await (await open(folder)).close()
})

test('secrets in the store are readable by its owner only', async () => {
  const folder = await filled(true)
  assert.equal(statSync(join(folder, 'store.db')).mode & 0o777, 0o600)
  assert.equal(statSync(join(folder, 'store.db-wal')).mode & 0o777, 0o600)
})

test('an idle store touches nothing on disk', async () => {
  const folder = fresh()
  const store = await open(folder)
  await store.transact({ compares: [], operations: [put('/a')] })
  const times = () => ['store.db', 'store.db-wal'].map((name) => statSync(join(folder, name)).mtimeMs)
  const before = times()
  store.watch('/', 1, { onEvents: () => {}, onEnd: () => {} })
  for (let index = 0; index < 20; index++) await store.list('/')
  assert.deepEqual(times(), before)
  await store.close()
})
