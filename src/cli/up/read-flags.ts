import type { StoreSettings } from '../../cluster/settings.ts'
import { UsageError } from '../command/flags.ts'

/** Of `sqlite`, `memory` or `etcd=URL[,URL]`. */
export function storeSettings(store: string): StoreSettings {
  if (store.startsWith('etcd=')) return { engine: 'etcd', endpoints: etcdEndpoints(store) }
  return { engine: store as 'sqlite' | 'memory' }
}

/** The endpoints of `etcd=URL[,URL]`. */
function etcdEndpoints(store: string): string[] {
  const endpoints = store.slice('etcd='.length).split(',').filter(Boolean)
  for (const endpoint of endpoints) {
    if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol))
      throw new UsageError(`invalid argument "${store}" for "--store" flag: ${endpoint} is no http or https URL`)
  }
  if (endpoints.length === 0)
    throw new UsageError(
      `invalid argument "${store}" for "--store" flag: an etcd needs a URL, such as etcd=http://127.0.0.1:2379`,
    )
  return endpoints
}

/** `REGISTRY=URL` pairs. */
export function mirrors(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf('=')
      const url = pair.slice(equals + 1)
      if (equals < 1 || !URL.canParse(url.replace('{host}', 'host')))
        throw new UsageError(
          `invalid argument "${pair}" for "--mirror" flag: must be REGISTRY=URL, such as docker.io=http://127.0.0.1:5000`,
        )
      return [pair.slice(0, equals), url]
    }),
  )
}
