import { readFileSync } from 'node:fs'
import { nodes } from '../api/core/v1/node.ts'
import { pods } from '../api/core/v1/pod.ts'
import { createClient } from '../client/create-client.ts'
import { kubeconfigTransport } from '../client/http/kubeconfig.ts'
import { systemClock } from '../machinery/clock.ts'
import { runningProcess, readSettings, readState } from './state/cluster-state.ts'
import type { ClusterPaths } from './state/paths.ts'

export interface ClusterStatus {
  readonly ready: boolean
  readonly pid: number
  readonly server: string
  readonly startedAt: string
  readonly store: string
  readonly nodes: readonly { readonly name: string; readonly ready: boolean; readonly pods: number }[]
  readonly problems: readonly string[]
}

/** How the cluster of this folder is, asked of its API; undefined when none runs. */
export async function clusterStatus(paths: ClusterPaths): Promise<ClusterStatus | undefined> {
  const holder = runningProcess(paths)
  const state = readState(paths)
  if (holder === undefined || state === undefined) return undefined
  const problems: string[] = []
  let seen: ClusterStatus['nodes'] = []
  try {
    const transport = kubeconfigTransport(readFileSync(paths.kubeconfig, 'utf8'), {
      userAgent: 'skiff',
      clock: systemClock,
    })
    try {
      const client = createClient(transport)
      await transport.request({ method: 'GET', path: '/readyz' })
      const [nodeList, podList] = await Promise.all([client.list(nodes), client.list(pods)])
      seen = nodeList.items.map((node) => ({
        name: node.metadata.name ?? '',
        ready: node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true,
        pods: podList.items.filter((pod) => pod.spec.nodeName === node.metadata.name).length,
      }))
      for (const node of seen)
        if (!node.ready)
          problems.push(
            `node ${node.name} is not ready: kubectl describe node ${node.name}, skiff logs ${node.name}/kubelet`,
          )
    } finally {
      await transport.close()
    }
  } catch (error) {
    problems.push(`the API server does not answer (${(error as Error).message}): see skiff logs cluster`)
  }
  if (state.readyAt === undefined) problems.push('the cluster is still starting')
  return {
    ready: problems.length === 0,
    pid: holder.pid,
    server: state.server,
    startedAt: state.startedAt,
    store: readSettings(paths)?.store.engine ?? 'unknown',
    nodes: seen,
    problems,
  }
}
