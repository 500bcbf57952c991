import { isObject } from '../../machinery/json.ts'

/** The parts of a kubeconfig that hold one cluster each under a name. */
const sections = ['clusters', 'users', 'contexts'] as const

export type Kubeconfig = Record<string, unknown>
interface Named {
  readonly name: string
}

/** Whether the file can be a kubeconfig at all; undefined: it can, else what is wrong. */
export function kubeconfigProblem(config: unknown): string | undefined {
  if (!isObject(config)) return 'it holds no mapping'
  for (const section of sections) {
    const entries = config[section]
    if (entries !== undefined && entries !== null && !Array.isArray(entries)) return `its ${section} are no list`
  }
  return undefined
}

/**
 * Puts the clusters, users and contexts of `added` into `config` in place of those of the same names, and leaves all
 * else alone. The current context changes only when there is none, for someone may have chosen theirs with care.
 */
export function mergeKubeconfig(config: Kubeconfig, added: Kubeconfig): Kubeconfig {
  const merged: Kubeconfig = { apiVersion: 'v1', kind: 'Config', preferences: {}, ...config }
  for (const section of sections) {
    const fresh = (added[section] ?? []) as readonly Named[]
    const names = new Set(fresh.map((entry) => entry.name))
    merged[section] = [
      ...((config[section] ?? []) as readonly Named[]).filter((entry) => !names.has(entry.name)),
      ...fresh,
    ]
  }
  const current = config['current-context']
  const known = (merged['contexts'] as readonly Named[]).some((context) => context.name === current)
  if (!known) merged['current-context'] = added['current-context']
  return merged
}

/** Takes out what {@link mergeKubeconfig} put in. */
export function removeFromKubeconfig(config: Kubeconfig, added: Kubeconfig): Kubeconfig {
  const left: Kubeconfig = { ...config }
  for (const section of sections) {
    const names = new Set(((added[section] ?? []) as readonly Named[]).map((entry) => entry.name))
    if (Array.isArray(config[section]))
      left[section] = (config[section] as readonly Named[]).filter((entry) => !names.has(entry.name))
  }
  if (config['current-context'] === added['current-context']) left['current-context'] = ''
  return left
}
