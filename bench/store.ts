/**
 * Writes per second of each store engine with 1, 10 and 64 clients, 2 kB values; what a start costs with 10,000 objects.
 * `bench/store.ts [--etcd URL]`; etcd is measured when its endpoint is given. SECONDS sets the length of a run.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../src/machinery/clock.ts'
import { openEtcdStore } from '../src/store/etcd/store.ts'
import { createMemoryStore } from '../src/store/memory/store.ts'
import { openSqliteStore } from '../src/store/sqlite/store.ts'
import type { Store } from '../src/store/store.ts'

const seconds = Number(process.env.SECONDS ?? 2)
const value = new Uint8Array(2048).fill(120)
const print = (line: string) => process.stdout.write(`${line}\n`)

async function writesPerSecond(store: Store, clients: number): Promise<number> {
  const begin = systemClock.monotonic()
  let writes = 0
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      for (let index = 0; systemClock.monotonic() - begin < seconds * 1000; index++) {
        const key = `/registry/pods/default/${client}-${index % 100}`
        const { entry } = await store.get(key)
        await store.transact({
          compares: [{ key, modRevision: entry?.modRevision ?? 0 }],
          operations: [{ type: 'put', key, value }],
        })
        writes++
        // The memory engine answers at once: others need their turn too.
        if (index % 1000 === 999) await new Promise((resolve) => setImmediate(resolve))
      }
    }),
  )
  return Math.round(writes / ((systemClock.monotonic() - begin) / 1000))
}

async function row(name: string, open: () => Promise<Store>): Promise<void> {
  const figures: string[] = []
  for (const clients of [1, 10, 64]) {
    const store = await open()
    figures.push(`${await writesPerSecond(store, clients)}`.padStart(9))
    await store.close()
  }
  print(`${name.padEnd(8)}${figures.join('')}`)
}

const folder = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'skiff-bench-'))
try {
  print('writes/s by clients')
  print(`${''.padEnd(8)}${['1', '10', '64'].map((text) => text.padStart(9)).join('')}`)
  let count = 0
  await row('memory', async () => createMemoryStore())
  await row('sqlite', () => openSqliteStore({ folder: join(folder, `${count++}`), clock: systemClock }))

  const etcd = process.argv.indexOf('--etcd')
  const endpoint = process.argv[etcd + 1]
  if (etcd > 0 && endpoint) {
    await row('etcd', () => openEtcdStore({ endpoints: [endpoint], prefix: `/bench/${count++}` }))
  }

  const warm = join(folder, 'warm')
  const store = await openSqliteStore({ folder: warm, clock: systemClock })
  await Promise.all(
    Array.from({ length: 10_000 }, (_, index) =>
      store.transact({ compares: [], operations: [{ type: 'put', key: `/registry/pods/default/${index}`, value }] }),
    ),
  )
  await store.close()
  const begin = systemClock.monotonic()
  const again = await openSqliteStore({ folder: warm, clock: systemClock })
  print(`sqlite opens 10,000 objects of 2 kB in ${Math.round(systemClock.monotonic() - begin)} ms`)
  await again.close()
} finally {
  rmSync(folder, { recursive: true })
}
