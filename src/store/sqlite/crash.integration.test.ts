import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../../machinery/clock.ts'
import { put, record } from '../conformance.ts'
import { type Store, StoreUnavailable } from '../store.ts'
import { openSqliteStore } from './store.ts'

/** Writes for ever to the folder and prints what was acknowledged and what a watch after `seen` heard. */
async function writer(folder: string, seen: number): Promise<void> {
  const store = await openSqliteStore({ folder, clock: systemClock })
  const say = (line: unknown) => writeAll(Buffer.from(`${JSON.stringify(line)}\n`))
  let heard = seen
  store.watch('/', seen, {
    onEvents: (events, revision) => {
      heard = revision
      const changes = events.map((event) =>
        event.type === 'put' ? [event.entry.key, new TextDecoder().decode(event.entry.value)] : [event.key, null],
      )
      say({ heard: revision, changes })
    },
    onEnd: (error) => say({ ended: error.message }),
  })
  const work = async (name: number) => {
    for (let round = 0; ; round++) {
      const key = `/left/${name}/${round % 5}`
      const twin = key.replace('left', 'right')
      const now = (await store.get(key)).entry
      const text = `${name}:${round}:${'x'.repeat(round % 700)}`
      const result = await store.transact({
        compares: [{ key, modRevision: now?.modRevision ?? 0 }],
        operations:
          now && round % 7 === 0
            ? [
                { type: 'delete', key },
                { type: 'delete', key: twin },
              ]
            : [put(key, text), put(twin, text)],
      })
      assert.ok(result.succeeded)
      say({ acknowledged: result.revision })
      if (round % 20 === 19) await store.compact(Math.max(1, heard - 10))
    }
  }
  await Promise.all(Array.from({ length: 8 }, (_, name) => work(name)))
}

/** To a pipe whose reader may be behind: what is acknowledged is told before anything else happens. */
function writeAll(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.byteLength; ) {
    try {
      at += writeSync(1, bytes, at)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    }
  }
}

async function linesUntilKilled(child: ChildProcess, delayMs: number): Promise<Record<string, unknown>[]> {
  let out = ''
  let killing = false
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    out += text
    if (killing || !out.includes('acknowledged')) return
    killing = true
    setTimeout(() => child.kill('SIGKILL'), delayMs)
  })
  await new Promise((resolve) => child.once('close', resolve))
  // What follows the last newline was cut by the kill.
  return out
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

async function run(): Promise<void> {
  test('nothing acknowledged is lost, halved or told twice over 50 kills under load', {
    timeout: 180_000,
  }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'skiff-crash-'))
    try {
      let seen = 1
      let acknowledged = 0
      const state = new Map<string, string>()
      const hear = (revision: number, changes: readonly [string, string | null][]) => {
        assert.equal(revision, seen + 1, 'a watch that resumes hears every revision once')
        seen = revision
        for (const [key, text] of changes) {
          if (text === null) state.delete(key)
          else state.set(key, text)
        }
      }
      for (let round = 0; round < 50; round++) {
        const child = spawn(process.execPath, [import.meta.filename, 'write', folder, `${seen}`], {
          stdio: ['ignore', 'pipe', 'inherit'],
        })
        const revisions: number[] = []
        for (const line of await linesUntilKilled(child, 20 + ((round * 37) % 100))) {
          assert.equal(line.ended, undefined)
          if (line.heard) hear(line.heard as number, line.changes as [string, string | null][])
          if (line.acknowledged) revisions.push(line.acknowledged as number)
        }
        acknowledged += revisions.length
        assert.ok(
          revisions.every((revision) => revision <= seen),
          'what was acknowledged was told before',
        )
      }
      const store = await openSqliteStore({ folder, clock: systemClock })
      const rest = record(store, '/', seen)
      const newest = await store.revision()
      await rest.until('the rest', () => seen + rest.batches.length === newest)
      for (const { revision, events } of rest.batches) {
        hear(
          revision,
          events.map((event) =>
            event.type === 'put' ? [event.entry.key, new TextDecoder().decode(event.entry.value)] : [event.key, null],
          ),
        )
      }
      const stored = (await store.list('/')).entries.map(({ key, value }) => [key, new TextDecoder().decode(value)])
      assert.deepEqual(Object.fromEntries(stored), Object.fromEntries(state))
      for (const [key, text] of stored) {
        if (key!.startsWith('/left')) assert.equal(state.get(key!.replace('left', 'right')), text)
      }
      assert.ok(acknowledged > 1000, `only ${acknowledged} writes`)
      await store.close()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('a folder belongs to one process at a time', { timeout: 30_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'skiff-owner-'))
    const child = spawn(process.execPath, [import.meta.filename, 'write', folder, '1'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      await new Promise((resolve) => child.stdout.once('data', resolve))
      child.stdout.resume()
      await assert.rejects(openSqliteStore({ folder, clock: systemClock }), {
        name: 'StoreUnavailable',
        message: `the store in ${folder} is in use by another process (process ${child.pid}): stop that one, or choose another data folder`,
      })
    } finally {
      child.kill('SIGKILL')
      await new Promise((resolve) => child.once('close', resolve))
    }
    const store = await openSqliteStore({ folder, clock: systemClock })
    await store.close()
    rmSync(folder, { recursive: true })
  })

  const notRoot = process.getuid?.() === 0 ? false : 'mounting a small disk takes root'
  test('a full disk refuses writes, keeps serving reads, and recovers', {
    skip: notRoot,
    timeout: 60_000,
  }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'skiff-full-'))
    const script = 'mount -t tmpfs -o size=4m tmpfs "$1" && exec "$2" "$3" fill "$1"'
    const child = spawn(
      'unshare',
      ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', folder, process.execPath, import.meta.filename],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    )
    assert.equal(await new Promise((resolve) => child.once('close', resolve)), 0)
    rmSync(folder, { recursive: true })
  })
}

/** Runs on a disk of 4 MiB. */
async function fill(disk: string): Promise<void> {
  const { writeFileSync } = await import('node:fs')
  writeFileSync(join(disk, 'ballast'), new Uint8Array(1 << 20))
  const folder = join(disk, 'store')
  let store: Store = await openSqliteStore({ folder, clock: systemClock })
  const acknowledged: string[] = []
  const value = 'x'.repeat(20_000)
  const add = async (key: string) => {
    await store.transact({ compares: [{ key, modRevision: 0 }], operations: [put(key, key + value)] })
    acknowledged.push(key)
  }
  const audit = async () => {
    const { entries } = await store.list('/')
    assert.deepEqual(
      entries.map(({ key }) => key),
      [...acknowledged].sort(),
    )
  }
  const full = (error: unknown) => error instanceof StoreUnavailable && /is full: make room/.test(error.message)
  let next = 0
  await assert.rejects(async () => {
    for (;;) await Promise.all([add(`/a/${next++}`), add(`/b/${next++}`)])
  }, full)
  await audit()
  await assert.rejects(add('/still-full'), full)
  const revision = await store.revision()
  rmSync(join(disk, 'ballast'))
  await add('/room-again')
  assert.equal(await store.revision(), revision + 1, 'no revision was used up by what was refused')
  await audit()
  await store.close()
  store = await openSqliteStore({ folder, clock: systemClock })
  await audit()
  await store.close()
  // Full before there is a store at all.
  const rest = join(disk, 'rest')
  const { openSync, writeSync: fillFile, closeSync } = await import('node:fs')
  const handle = openSync(rest, 'w')
  assert.throws(() => {
    for (;;) fillFile(handle, new Uint8Array(4096))
  })
  closeSync(handle)
  await assert.rejects(openSqliteStore({ folder: join(disk, 'other'), clock: systemClock }), full)
}

const [mode, folder = '', seen] = process.argv.slice(2)
if (mode === 'write') await writer(folder, Number(seen))
else if (mode === 'fill') await fill(folder)
else await run()
