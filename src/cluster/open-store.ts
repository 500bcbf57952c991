import { readFileSync } from 'node:fs'
import type { Clock } from '../machinery/clock.ts'
import type { Logger } from '../machinery/log.ts'
import type { Store } from '../store/store.ts'
import type { StoreSettings } from './settings.ts'

/** A store that is being opened. */
export interface OpeningStore {
  /** Rejects with a sentence that says what to do. */
  readonly store: Promise<Store>
  /** Closes it, also when it is not open yet or could not be opened. */
  close(): Promise<void>
}

/**
 * Begins to open where the objects are kept; what lies on this machine is below `folder`. Resolves as soon as others work on
 * it (a thread that reads, a server that answers), so that the caller can do something else meanwhile.
 */
export async function beginOpenStore(
  settings: StoreSettings,
  folder: string,
  clock: Clock,
  log: Logger,
): Promise<OpeningStore> {
  const store = await begin(settings, folder, clock, log)
  const opening = store()
  opening.catch(() => {})
  return {
    store: opening,
    close: () =>
      opening.then(
        (open) => open.close(),
        () => {},
      ),
  }
}

async function begin(
  settings: StoreSettings,
  folder: string,
  clock: Clock,
  log: Logger,
): Promise<() => Promise<Store>> {
  switch (settings.engine) {
    case 'sqlite': {
      const { openSqliteStore } = await import('../store/sqlite/store.ts')
      return () => openSqliteStore({ folder, clock })
    }
    case 'memory': {
      const { createMemoryStore } = await import('../store/memory/store.ts')
      log.warn('objects are kept in memory only: they are gone with the process')
      return async () => createMemoryStore({ clock })
    }
    case 'etcd': {
      const { openEtcdStore } = await import('../store/etcd/store.ts')
      const { endpoints, root, tls = {} } = settings
      const read = (path: string | undefined) => (path === undefined ? undefined : readFileSync(path, 'utf8'))
      const secrets = { ca: read(tls.ca), cert: read(tls.cert), key: read(tls.key) }
      return () => openEtcdStore({ endpoints, root, tls: settings.tls && secrets, clock })
    }
  }
}
