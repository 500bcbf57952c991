import { join } from 'node:path'
import type { ClusterPaths } from './paths.ts'

/** What `skiff logs NAME` prints: a file, or those of its lines that one component wrote. */
export interface LogSource {
  readonly path: string
  /** Whether a line belongs to it; absent: every line does. */
  readonly includes?: (line: string) => boolean
}

/** Components that write into the log of the process they run in, by the field that names them. */
const clusterParts = ['apiserver', 'controllers', 'scheduler', 'network', 'proxy', 'load-balancer', 'store'] as const
const agentParts = ['kubelet', 'proxy', 'dns', 'network'] as const

/** Whether a line of logfmt was written by a component; each controller names itself instead. */
export function isLineOf(component: string, line: string): boolean {
  const field = component === 'controllers' ? / controller=/ : new RegExp(` component=${component}( |$)`)
  const message = line.indexOf(' msg=')
  return field.test(message < 0 ? line : line.slice(0, message))
}

/**
 * The logs that there are, by the name under which `skiff logs` shows them: `cluster` and its parts (`scheduler`, …), for
 * each node `node1/agent` and its parts (`node1/kubelet`, …), `node1/containerd`.
 */
export function logFiles(
  paths: ClusterPaths,
  list: (folder: string) => string[],
  exists: (folder: string) => boolean,
): Map<string, LogSource> {
  const sources = new Map<string, LogSource>()
  const collect = (folder: string, prefix: string) => {
    if (!exists(folder)) return
    for (const name of list(folder).toSorted()) {
      if (!name.endsWith('.log')) continue
      const path = join(folder, name)
      const file = name.slice(0, -4)
      sources.set(`${prefix}${file}`, { path })
      const parts = prefix === '' && file === 'cluster' ? clusterParts : file === 'agent' ? agentParts : []
      for (const part of parts) sources.set(`${prefix}${part}`, { path, includes: (line) => isLineOf(part, line) })
    }
  }
  collect(paths.logs, '')
  if (exists(paths.nodes)) for (const node of list(paths.nodes).toSorted()) collect(paths.node(node), `${node}/`)
  return sources
}
