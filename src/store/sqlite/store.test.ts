import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { VirtualClock } from '../../machinery/clock.ts'
import { storeConformance } from '../conformance.ts'
import type { Store } from '../store.ts'
import { openSqliteStore } from './store.ts'

storeConformance('sqlite', async () => {
  const clock = new VirtualClock()
  const root = mkdtempSync(join(tmpdir(), 'skiff-store-'))
  const folders = new Map<Store, string>()
  let count = 0
  const open = async (folder: string) => {
    const store = await openSqliteStore({ folder, clock })
    folders.set(store, folder)
    return store
  }
  return {
    open: () => open(join(root, `${count++}`)),
    reopen: async (store) => {
      await store.close()
      return open(folders.get(store)!)
    },
    pass: (ms) => clock.advance(ms),
    shortestTtlSeconds: 1,
    stop: async () => rmSync(root, { recursive: true }),
  }
})
