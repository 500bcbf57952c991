import {
  clusterNetwork,
  simulatedNetwork,
  maxClusters,
  type ClusterSettings,
  type ServerOptionValues,
  type StoreSettings,
} from '../settings.ts'

/** What the user asked for this time; all else stays as before, or takes its default. */
export interface SettingsWish {
  readonly nodes?: number
  readonly runtime?: ClusterSettings['runtime']
  readonly store?: StoreSettings
  readonly port?: number
  /** Added to those of before; an empty text or list takes one back. */
  readonly apiServer?: ServerOptionValues
}

/** Of the API server of the cluster with this number on its host. */
export const usualPort = (index: number): number => 6443 + index * 100

/**
 * The settings of the cluster that is to start. A cluster keeps the store in which its objects lie and the runtime that
 * its nodes were made for; asking for another is an Error that says what to do.
 */
export function chooseSettings(
  wish: SettingsWish,
  before: ClusterSettings | undefined,
  host: { readonly runtime: ClusterSettings['runtime']; readonly freeIndex: () => number },
): ClusterSettings {
  if (wish.nodes !== undefined && (wish.nodes < 1 || wish.nodes > 5000))
    throw new Error(`${wish.nodes} nodes: choose 1 to 5000`)
  if (wish.port !== undefined && wish.port > 65535) throw new Error(`${wish.port} is no port: choose 1 to 65535`)
  if (before !== undefined) {
    if (wish.store && JSON.stringify(wish.store) !== JSON.stringify(before.store)) {
      throw new Error(
        `this cluster keeps its objects in ${before.store.engine}: forget them with skiff reset, or start another cluster with --data-dir`,
      )
    }
    if (wish.runtime && wish.runtime !== before.runtime) {
      throw new Error(
        `this cluster runs on the runtime ${before.runtime}: forget it with skiff reset, or start another cluster with --data-dir`,
      )
    }
    return {
      ...before,
      nodes: wish.nodes ?? before.nodes,
      port: wish.port ?? before.port,
      ...chosenOptions(before.apiServer, wish.apiServer),
    }
  }
  const index = host.freeIndex()
  if (index >= maxClusters)
    throw new Error(`${maxClusters} clusters have their networks on this host already: end one with skiff reset`)
  const runtime = wish.runtime ?? host.runtime
  if (runtime === 'containerd' && (wish.nodes ?? 1) > 200)
    throw new Error('at most 200 real nodes fit on one host: use --runtime simulated for more')
  return {
    name: index === 0 ? 'skiff' : `skiff-${index}`,
    runtime,
    nodes: wish.nodes ?? 1,
    store: wish.store ?? { engine: 'sqlite' },
    port: wish.port ?? usualPort(index),
    network: runtime === 'simulated' ? simulatedNetwork(index) : clusterNetwork(index),
    ...(wish.apiServer && chosenOptions({}, wish.apiServer)),
  }
}

function chosenOptions(
  before: ServerOptionValues | undefined,
  wish: ServerOptionValues | undefined,
): Pick<ClusterSettings, 'apiServer'> {
  const chosen = Object.entries({ ...before, ...wish }).filter(([, value]) => String(value) !== '')
  return { apiServer: chosen.length === 0 ? undefined : (Object.fromEntries(chosen) as ServerOptionValues) }
}
