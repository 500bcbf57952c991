import { join } from 'node:path'
import type { ClusterPaths } from './paths.ts'

/** The logs that there are, by the name under which `skiff logs` shows them: `cluster`, `node1/kubelet`, … */
export function logFiles(
  paths: ClusterPaths,
  list: (folder: string) => string[],
  exists: (folder: string) => boolean,
): Map<string, string> {
  const files = new Map<string, string>()
  const collect = (folder: string, prefix: string) => {
    if (!exists(folder)) return
    for (const name of list(folder).toSorted())
      if (name.endsWith('.log')) files.set(`${prefix}${name.slice(0, -4)}`, join(folder, name))
  }
  collect(paths.logs, '')
  if (exists(paths.nodes)) for (const node of list(paths.nodes).toSorted()) collect(paths.node(node), `${node}/`)
  return files
}
