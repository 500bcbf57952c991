import type { Clock } from '../machinery/clock.ts'
import type { Logger } from '../machinery/log.ts'
import type { Store } from '../store/store.ts'
import type { StoreSettings } from './settings.ts'

/** Opens where the objects are kept; what lies on this machine is below `folder`. */
export async function openStore(settings: StoreSettings, folder: string, clock: Clock, log: Logger): Promise<Store> {
  switch (settings.engine) {
    case 'sqlite': {
      const { openSqliteStore } = await import('../store/sqlite/store.ts')
      return openSqliteStore({ folder, clock })
    }
    case 'memory': {
      const { createMemoryStore } = await import('../store/memory/store.ts')
      log.warn('objects are kept in memory only: they are gone with the process')
      return createMemoryStore({ clock })
    }
    case 'etcd': {
      const { openEtcdStore } = await import('../store/etcd/store.ts')
      return openEtcdStore({ endpoints: settings.endpoints, clock })
    }
  }
}
