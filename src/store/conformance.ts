import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { systemClock } from '../machinery/clock.ts'
import {
  Compacted,
  type Entry,
  FutureRevision,
  type Operation,
  type Store,
  type StoreEvent,
  StoreUnavailable,
  type TransactionResult,
  type Watcher,
} from './store.ts'

/** How the suite gets at an engine. */
export interface Engine {
  /** An empty store. */
  open(): Promise<Store>
  /** Closes a durable store and opens it again on the same data. */
  reopen?(store: Store): Promise<Store>
  /** Lets this much of the engine's time pass. */
  pass(ms: number): Promise<void>
  /** The shortest life of a key that the engine keeps to, in seconds. */
  readonly shortestTtlSeconds: number
  /** What this engine is known not to give. */
  readonly lacks?: readonly 'progress'[]
  stop?(): Promise<void>
}

const encode = (text: string) => new TextEncoder().encode(text)
const decode = (entry: Entry | undefined) => entry && new TextDecoder().decode(entry.value)

export const put = (key: string, text = key, ttlSeconds?: number): Operation => ({
  type: 'put',
  key,
  value: encode(text),
  ttlSeconds,
})
export const remove = (key: string): Operation => ({ type: 'delete', key })

async function write(store: Store, ...operations: Operation[]): Promise<number> {
  const result = await store.transact({ compares: [], operations })
  assert.ok(result.succeeded)
  return result.revision
}

const text = (event: StoreEvent) =>
  event.type === 'put'
    ? `${event.entry.createRevision === event.entry.modRevision ? 'create' : 'update'} ${event.entry.key}=${decode(event.entry)}`
    : `delete ${event.key}`

/** A watch that keeps what it gets. */
export function record(
  store: Store,
  prefix: string,
  afterRevision: number,
  hook?: (events: readonly StoreEvent[]) => void,
) {
  const batches: { revision: number; events: readonly StoreEvent[] }[] = []
  const waiting = new Set<() => void>()
  const kept: { end?: Error; progress: number } = { progress: 0 }
  const wake = () => {
    for (const check of Array.from(waiting)) check()
  }
  const watcher: Watcher = {
    onEvents: (events, revision) => {
      batches.push({ revision, events })
      hook?.(events)
      wake()
    },
    onProgress: (revision) => {
      kept.progress = revision
      wake()
    },
    onEnd: (error) => {
      kept.end = error
      wake()
    },
  }
  const stop = store.watch(prefix, afterRevision, watcher)
  const until = (what: string, holds: () => boolean, withinMs = 10_000) =>
    new Promise<void>((resolve, reject) => {
      const cancel = systemClock.after(withinMs, () => {
        waiting.delete(check)
        reject(new Error(`waited in vain for ${what}; got ${JSON.stringify(lines())}`))
      })
      const check = () => {
        if (!holds()) return
        cancel()
        waiting.delete(check)
        resolve()
      }
      waiting.add(check)
      check()
    })
  const lines = () => batches.flatMap(({ events }) => events.map(text))
  return { batches, kept, lines, stop, until, events: () => batches.flatMap(({ events }) => events) }
}

/** The suite that every engine passes. */
export function storeConformance(name: string, start: () => Promise<Engine>, options: { skip?: string } = {}): void {
  void describe(`${name} store`, { skip: options.skip ?? false }, () => {
    let engine: Engine
    before(async () => {
      engine = await start()
    })
    after(() => engine?.stop?.())

    const check = (title: string, body: (store: Store) => Promise<void>): void => {
      void test(title, { timeout: 60_000 }, async () => {
        const store = await engine.open()
        try {
          await body(store)
        } finally {
          await store.close()
        }
      })
    }

    check('is empty at first', async (store) => {
      const { entries, revision, remaining } = await store.list('/')
      assert.deepEqual([entries, remaining], [[], 0])
      assert.equal(revision, await store.revision())
      assert.ok(revision >= 1)
      assert.equal((await store.get('/a')).entry, undefined)
      assert.equal(await store.count('/'), 0)
    })

    check('counts a revision per transaction that changes something', async (store) => {
      const base = await store.revision()
      assert.equal(await write(store, put('/a')), base + 1)
      assert.equal(await write(store, put('/a', 'again'), put('/b')), base + 2)
      assert.equal(await write(store, remove('/nothing')), base + 2, 'deleting nothing changes nothing')
      assert.equal(await write(store), base + 2, 'an empty transaction changes nothing')
      assert.equal(await write(store, put('/a', 'again')), base + 3, 'the same value again is a change')
      assert.equal(await store.revision(), base + 3)
    })

    check('remembers when a key was created and when it was changed last', async (store) => {
      const created = await write(store, put('/a', '1'))
      const changed = await write(store, put('/a', '2'))
      const { entry, revision } = await store.get('/a')
      assert.deepEqual([decode(entry), entry?.createRevision, entry?.modRevision], ['2', created, changed])
      assert.equal(revision, changed)
      await write(store, remove('/a'))
      assert.equal((await store.get('/a')).entry, undefined)
      const reborn = await write(store, put('/a', '3'))
      assert.equal((await store.get('/a')).entry?.createRevision, reborn)
    })

    check('keeps any bytes, empty and large ones too', async (store) => {
      const large = new Uint8Array(1 << 20).map((_, index) => (index * 31) & 255)
      const small = Uint8Array.of(0, 255, 128, 10)
      // A view into a larger buffer: only the view is the value.
      const view = new Uint8Array(large.buffer, 100, 7)
      for (const value of [large, small, view, new Uint8Array()]) {
        await store.transact({ compares: [], operations: [{ type: 'put', key: '/bytes', value }] })
        assert.deepEqual(new Uint8Array((await store.get('/bytes')).entry!.value), new Uint8Array(value))
      }
    })

    check('applies all of a transaction or nothing', async (store) => {
      const first = await write(store, put('/a', '1'))
      const refused = await store.transact({
        compares: [
          { key: '/a', modRevision: first },
          { key: '/b', modRevision: first },
        ],
        operations: [put('/a', '2'), put('/b', '2')],
      })
      assert.equal(refused.succeeded, false)
      assert.deepEqual((refused as TransactionResult & { entries: Entry[] }).entries.map(decode), ['1', undefined])
      assert.equal(await store.revision(), first)
      const taken = await store.transact({
        compares: [
          { key: '/a', modRevision: first },
          { key: '/b', modRevision: 0 },
        ],
        operations: [put('/a', '2'), put('/b', '2'), remove('/c')],
      })
      assert.deepEqual(taken, { succeeded: true, revision: first + 1 })
      assert.deepEqual((await store.list('/')).entries.map(decode), ['2', '2'])
    })

    check('refuses a transaction that names a key twice', async (store) => {
      await assert.rejects(store.transact({ compares: [], operations: [put('/a', '1'), put('/a', '2')] }), RangeError)
    })

    check('lists a prefix in order of keys, in pages', async (store) => {
      for (const key of ['/p/b', '/p/a/2', '/p', '/p/', '/p/a', '/q/a', '/p0', '/p/a/1']) await write(store, put(key))
      const keys = async (prefix: string, list = {}) =>
        (await store.list(prefix, list)).entries.map((entry) => entry.key)
      assert.deepEqual(await keys('/p/'), ['/p/', '/p/a', '/p/a/1', '/p/a/2', '/p/b'])
      assert.deepEqual(await keys('/p/', { after: '/p/a', limit: 2 }), ['/p/a/1', '/p/a/2'])
      assert.deepEqual(await keys('/p/', { after: '/p/a/2' }), ['/p/b'])
      assert.deepEqual(await keys('/p/', { after: '/p/b' }), [])
      assert.equal((await store.list('/p/', { limit: 2 })).remaining, 3)
      assert.equal((await store.list('/p/', { limit: 2, after: '/p/a' })).remaining, 1)
      assert.equal((await store.list('/p/', { limit: 5 })).remaining, 0)
      assert.equal(await store.count('/p/'), 5)
      assert.equal(await store.count('/p/a/'), 2)
      assert.equal(await store.count('/nowhere/'), 0)
    })

    check('reads the state of any revision that is not compacted', async (store) => {
      const one = await write(store, put('/a', '1'), put('/b', '1'))
      const two = await write(store, put('/a', '2'), remove('/b'))
      const three = await write(store, put('/b', '3'), put('/c', '3'))
      const at = async (revision: number) => {
        const result = await store.list('/', { at: revision })
        assert.equal(result.revision, revision)
        return result.entries.map((entry) => `${entry.key}=${decode(entry)}@${entry.modRevision - one}`)
      }
      assert.deepEqual(await at(one), ['/a=1@0', '/b=1@0'])
      assert.deepEqual(await at(two), ['/a=2@1'])
      assert.deepEqual(await at(three), ['/a=2@1', '/b=3@2', '/c=3@2'])
      assert.equal(decode((await store.get('/a', { at: one })).entry), '1')
      assert.equal((await store.get('/b', { at: two })).entry, undefined)
      const page = await store.list('/', { at: one, limit: 1 })
      assert.deepEqual([page.entries.length, page.remaining], [1, 1])
    })

    check('refuses revisions that are compacted or yet to come', async (store) => {
      const one = await write(store, put('/a', '1'), put('/b', '1'))
      const two = await write(store, put('/a', '2'))
      await write(store, put('/a', '3'), remove('/b'))
      await store.compact(two)
      await assert.rejects(store.list('/', { at: one }), Compacted)
      await assert.rejects(
        store.get('/a', { at: one }),
        (error) => error instanceof Compacted && error.compactRevision === two,
      )
      assert.deepEqual((await store.list('/', { at: two })).entries.map(decode), ['2', '1'])
      assert.equal(decode((await store.get('/a')).entry), '3')
      await assert.rejects(store.list('/', { at: two + 1000 }), FutureRevision)
      await store.compact(one)
      await assert.rejects(store.compact(two + 1000), FutureRevision)
    })

    check('tells a watch everything after its revision, once and in order', async (store) => {
      const base = await store.revision()
      await write(store, put('/w/a', '1'))
      const early = record(store, '/w/', base)
      const late = record(store, '/w/', base + 2)
      await write(store, put('/w/a', '2'))
      await write(store, put('/elsewhere', 'x'))
      const last = await write(store, remove('/w/a'))
      await early.until('the deletion', () => early.lines().includes('delete /w/a'))
      await late.until('the deletion', () => late.lines().includes('delete /w/a'))
      assert.deepEqual(early.lines(), ['create /w/a=1', 'update /w/a=2', 'delete /w/a'])
      assert.deepEqual(late.lines(), ['delete /w/a'])
      assert.deepEqual(
        early.batches.map(({ revision }) => revision - base),
        [1, 2, 4],
      )
      const [, update, deletion] = early.events()
      assert.equal(decode(update?.previous), '1')
      assert.ok(deletion?.type === 'delete')
      assert.deepEqual([decode(deletion.previous), deletion.revision], ['2', last])
      early.stop()
      late.stop()
    })

    check('gives a watch all of a transaction at once', async (store) => {
      const base = await store.revision()
      const live = record(store, '/w/', base)
      await write(store, put('/w/a'), put('/x'), put('/w/b'))
      await live.until('the batch', () => live.batches.length > 0)
      const behind = record(store, '/w/', base)
      await behind.until('the batch', () => behind.batches.length > 0)
      for (const { batches, stop } of [live, behind]) {
        assert.deepEqual(
          batches.map(({ events }) => events.map(text)),
          [['create /w/a=/w/a', 'create /w/b=/w/b']],
        )
        stop()
      }
    })

    check('watches one key as it watches a prefix, and everything', async (store) => {
      const base = await store.revision()
      const all = record(store, '/', base)
      const one = record(store, '/a', base)
      await write(store, put('/a'))
      await write(store, put('/b'))
      await all.until('both', () => all.batches.length === 2)
      await one.until('its own', () => one.batches.length > 0)
      assert.deepEqual(one.lines(), ['create /a=/a'])
      all.stop()
      one.stop()
    })

    check('waits when a watch asks for events after a revision to come', async (store) => {
      const base = await store.revision()
      const ahead = record(store, '/', base + 1)
      const sight = record(store, '/', base)
      await write(store, put('/a', 'unseen'))
      await write(store, put('/a', 'seen'))
      await ahead.until('the second write', () => ahead.batches.length > 0)
      await sight.until('both', () => sight.batches.length === 2)
      assert.deepEqual(ahead.lines(), ['update /a=seen'])
      ahead.stop()
      sight.stop()
    })

    check('tells nothing more to a watch that was stopped', async (store) => {
      const base = await store.revision()
      const stopped = record(store, '/', base, () => stopped.stop())
      const going = record(store, '/', base)
      for (let index = 0; index < 5; index++) await write(store, put('/a', `${index}`))
      await going.until('all', () => going.batches.length === 5)
      assert.equal(stopped.batches.length, 1)
      assert.equal(stopped.kept.end, undefined)
      going.stop()
    })

    check('ends a watch that asks for compacted events, naming the oldest revision', async (store) => {
      const base = await store.revision()
      for (let index = 0; index < 5; index++) await write(store, put('/a', `${index}`))
      await store.compact(base + 4)
      const tooOld = record(store, '/', base + 1)
      await tooOld.until('the end', () => tooOld.kept.end !== undefined)
      assert.ok(tooOld.kept.end instanceof Compacted)
      assert.equal(tooOld.kept.end.compactRevision, base + 4)
      assert.deepEqual(tooOld.batches, [])
      const fresh = record(store, '/', base + 4)
      await fresh.until('the rest', () => fresh.batches.length === 1)
      assert.deepEqual(fresh.lines(), ['update /a=4'])
      fresh.stop()
    })

    check('keeps a watch going over a compaction', async (store) => {
      const live = record(store, '/', await store.revision())
      for (let index = 0; index < 3; index++) await store.compact(await write(store, put('/a', `${index}`)))
      await live.until('all', () => live.batches.length === 3)
      live.stop()
    })

    check('tells a watch how far it is though nothing it watches changed', async (store) => {
      if (engine.lacks?.includes('progress')) return
      const base = await store.revision()
      const quiet = record(store, '/quiet/', base)
      await write(store, put('/loud'))
      await store.revision()
      await quiet.until('progress', () => quiet.kept.progress >= base + 1)
      assert.deepEqual(quiet.batches, [])
      quiet.stop()
    })

    check('keeps the order for all when a watcher writes', async (store) => {
      const base = await store.revision()
      let writes = 0
      const echo = () => {
        if (writes++ < 3) void write(store, put('/echo', `${writes}`))
      }
      const writer = record(store, '/', base, echo)
      const reader = record(store, '/', base)
      await write(store, put('/a'))
      await reader.until('the echoes', () => reader.batches.length === 4)
      await writer.until('the echoes', () => writer.batches.length === 4)
      assert.deepEqual(
        reader.batches.map(({ revision }) => revision - base),
        [1, 2, 3, 4],
      )
      assert.deepEqual(reader.lines(), writer.lines())
      writer.stop()
      reader.stop()
    })

    check('lets exactly one of many rival writers win each revision', async (store) => {
      await write(store, put('/counter', '0'))
      const increment = async () => {
        let entry = (await store.get('/counter')).entry
        for (;;) {
          const result: TransactionResult = await store.transact({
            compares: [{ key: '/counter', modRevision: entry!.modRevision }],
            operations: [put('/counter', `${Number(decode(entry)) + 1}`)],
          })
          if (result.succeeded) return
          entry = result.entries[0]
        }
      }
      await Promise.all(Array.from({ length: 20 }, increment))
      assert.equal(decode((await store.get('/counter')).entry), '20')
    })

    check('reads its own writes', async (store) => {
      await Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          const revision = await write(store, put(`/own/${index}`, `${index}`))
          const { entry, revision: seen } = await store.get(`/own/${index}`)
          assert.deepEqual([decode(entry), entry?.modRevision], [`${index}`, revision])
          assert.ok(seen >= revision)
        }),
      )
      assert.equal(await store.count('/own/'), 50)
    })

    check('lets a key with a time to live end by itself, and tells watches', async (store) => {
      const ttl = engine.shortestTtlSeconds
      const base = await store.revision()
      const watch = record(store, '/', base)
      await write(store, put('/brief', 'x', ttl))
      await write(store, put('/renewed', 'x', ttl))
      await write(store, put('/lasting', 'x'))
      await write(store, put('/renewed', 'kept'))
      await engine.pass(ttl * 1000 + 1500)
      await watch.until('the end of the brief key', () => watch.lines().includes('delete /brief'))
      assert.deepEqual(
        (await store.list('/')).entries.map((entry) => entry.key),
        ['/lasting', '/renewed'],
      )
      watch.stop()
    })

    check('says StoreUnavailable once closed, and ends its watches with that', async (store) => {
      const watch = record(store, '/', await store.revision())
      await write(store, put('/a'))
      await watch.until('the event', () => watch.batches.length === 1)
      await store.close()
      await watch.until('the end', () => watch.kept.end !== undefined)
      assert.ok(watch.kept.end instanceof StoreUnavailable)
      await assert.rejects(store.get('/a'), StoreUnavailable)
      await assert.rejects(write(store, put('/a')), StoreUnavailable)
    })

    void test('agrees with a simple model whatever happens', { timeout: 60_000 }, async () => {
      const key = fc.constantFrom('/m/a', '/m/b', '/m/c', '/m/d/e', '/n')
      const operation = fc.record({ key, text: fc.option(fc.string({ maxLength: 4 }), { nil: undefined }) })
      const step = fc.oneof(
        { weight: 8, arbitrary: fc.uniqueArray(operation, { selector: (it) => it.key, minLength: 1, maxLength: 3 }) },
        { weight: 1, arbitrary: fc.constant('compact' as const) },
        { weight: 1, arbitrary: fc.constant('reopen' as const) },
      )
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
          let store = await engine.open()
          try {
            const base = await store.revision()
            let live = record(store, '/m/', base)
            const heard: string[] = []
            let state = new Map<string, string>()
            const states = new Map([[base, state]])
            let revision = base
            let compacted = base
            const expected: string[] = []
            for (const act of steps) {
              if (act === 'compact') {
                await store.compact(revision)
                compacted = Math.max(compacted, revision)
              } else if (act === 'reopen') {
                if (!engine.reopen) continue
                await live.until('all so far', () => heard.length + live.lines().length === expected.length)
                heard.push(...live.lines())
                live.stop()
                store = await engine.reopen(store)
                assert.equal(await store.revision(), revision)
                live = record(store, '/m/', revision)
              } else {
                const next = new Map(state)
                let changed = false
                for (const { key, text } of act) {
                  const had = state.has(key)
                  if (text === undefined && !had) continue
                  changed = true
                  if (key.startsWith('/m/')) {
                    const verb = text === undefined ? 'delete' : had ? 'update' : 'create'
                    expected.push(text === undefined ? `${verb} ${key}` : `${verb} ${key}=${text}`)
                  }
                  if (text === undefined) next.delete(key)
                  else next.set(key, text)
                }
                const result = await write(
                  store,
                  ...act.map(({ key, text }) => (text === undefined ? remove(key) : put(key, text))),
                )
                if (changed) revision++
                assert.equal(result, revision)
                state = next
                states.set(revision, state)
              }
            }
            await live.until('all', () => heard.length + live.lines().length >= expected.length)
            heard.push(...live.lines())
            assert.deepEqual(heard, expected)
            live.stop()
            for (const [at, then] of states) {
              const read = store.list('/', { at })
              if (at < compacted) await assert.rejects(read, Compacted)
              else {
                const pairs = (await read).entries.map((entry) => [entry.key, decode(entry)])
                assert.deepEqual(
                  pairs,
                  [...then].sort(([a], [b]) => (a < b ? -1 : 1)),
                )
              }
            }
          } finally {
            await store.close()
          }
        }),
        { numRuns: engine.reopen ? 25 : 50 },
      )
    })

    void test('has everything again after it was closed and opened', { timeout: 60_000 }, async (t) => {
      const store = await engine.open()
      try {
        if (!engine.reopen) return t.skip('the engine ends with its process')
        const base = await store.revision()
        const created = await write(store, put('/a', '1'), put('/gone', 'x'))
        await write(store, put('/a', '2'))
        await write(store, remove('/gone'))
        const brief = await write(store, put('/brief', 'x', engine.shortestTtlSeconds))
        const again = await engine.reopen(store)
        try {
          assert.equal(await again.revision(), brief)
          const { entry } = await again.get('/a')
          assert.deepEqual([decode(entry), entry?.createRevision, entry?.modRevision], ['2', created, created + 1])
          const missed = record(again, '/', base)
          await missed.until('what it missed', () => missed.batches.length >= 4)
          assert.deepEqual(missed.lines().slice(0, 5), [
            'create /a=1',
            'create /gone=x',
            'update /a=2',
            'delete /gone',
            'create /brief=x',
          ])
          assert.equal(decode((await again.list('/', { at: created })).entries[1]), 'x')
          await engine.pass(engine.shortestTtlSeconds * 1000 + 1500)
          await missed.until('the end of the brief key', () => missed.lines().includes('delete /brief'))
          await again.compact(brief)
          const once = await engine.reopen(again)
          try {
            await assert.rejects(once.list('/', { at: created }), Compacted)
            const tooOld = record(once, '/', base)
            await tooOld.until('the end', () => tooOld.kept.end instanceof Compacted)
            assert.deepEqual((await once.list('/')).entries.map(decode), ['2'])
          } finally {
            await once.close()
          }
        } finally {
          await again.close()
        }
      } finally {
        await store.close()
      }
    })
  })
}
