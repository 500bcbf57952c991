import type { Logger } from '../../machinery/log.ts'
import { labelNames } from '../containers/labels.ts'
import type { PodHost } from '../host/pod-host.ts'
import type { Runtime } from '../runtimes/runtime.ts'

/** Removes what the runtime need not keep (upstream: kuberuntime_gc.go). */
export interface ContainerCollector {
  /** Of a pod that is gone: everything, its logs too. */
  removePod(uid: string): Promise<void>
  /** Of pods that are there: all but the newest ended run of each container, and sandboxes that hold nothing. */
  collect(isKnown: (uid: string) => boolean): Promise<void>
}

const keptRuns = 1

export function createContainerCollector(options: {
  readonly runtime: Runtime
  readonly host: PodHost
  readonly log: Logger
}): ContainerCollector {
  const { runtime, host, log } = options
  const attempt = async (what: string, id: string, work: Promise<void>) => {
    try {
      await work
    } catch (error) {
      log.warn(`${what} could not be removed`, { id, error })
    }
  }
  const removeContainer = (id: string) => attempt('container', id, runtime.removeContainer(id))
  const removeSandbox = (id: string) =>
    attempt(
      'sandbox',
      id,
      runtime.stopPodSandbox(id).then(() => runtime.removePodSandbox(id)),
    )

  return {
    async removePod(uid) {
      const labels = { [labelNames.podUid]: uid }
      for (const { id, state } of await runtime.listContainers({ labels }))
        if (state !== 'running') await removeContainer(id)
      for (const { id } of await runtime.listPodSandboxes({ labels })) await removeSandbox(id)
      await host.removeLogs(uid)
    },
    async collect(isKnown) {
      const [containers, sandboxes] = await Promise.all([runtime.listContainers(), runtime.listPodSandboxes()])
      const newestFirst = <T extends { readonly createdAt: number }>(list: readonly T[]) =>
        [...list].sort((a, b) => b.createdAt - a.createdAt)
      const gone = new Set<string>()
      const runs = new Map<string, number>()
      for (const { id, state, labels } of newestFirst(containers)) {
        if (state === 'running') continue
        const uid = labels[labelNames.podUid] ?? ''
        const name = `${uid}/${labels[labelNames.containerName]}`
        const seen = (runs.get(name) ?? 0) + 1
        runs.set(name, seen)
        if (seen <= keptRuns && isKnown(uid)) continue
        gone.add(id)
        await removeContainer(id)
      }
      const used = new Set(containers.filter(({ id }) => !gone.has(id)).map(({ sandboxId }) => sandboxId))
      const newest = new Set<string>()
      for (const { id, state, metadata } of newestFirst(sandboxes)) {
        const first = !newest.has(metadata.uid)
        newest.add(metadata.uid)
        if (state === 'ready' || used.has(id) || (first && isKnown(metadata.uid))) continue
        await removeSandbox(id)
      }
    },
  }
}
