import type { Pod } from '../../api/types.generated.ts'
import { PodWorker } from './pod-worker.ts'
import type { Eviction, WorkerContext } from './worker-context.ts'

/** The workers of a node, by pod uid. */
export interface PodWorkers {
  get(uid: string): PodWorker | undefined
  all(): readonly PodWorker[]
  /** Starts to run the pod, or tells its worker that the object changed. */
  update(pod: Pod): void
  /** The API has the pod no more. */
  remove(uid: string): void
  notice(uid: string): void
  /** Something of the pod has changed in the runtime. */
  runtimeChanged(uid: string): void
  evict(uid: string, eviction: Eviction): void
  /** Ends a pod that is in the runtime and that nobody asked for. */
  endOrphan(pod: Pod): void
  stop(): Promise<void>
}

export function createPodWorkers(context: WorkerContext, options: { readonly onGone: (pod: Pod) => void }): PodWorkers {
  const workers = new Map<string, PodWorker>()
  /** Pods that the API has no more and whose worker is not done. */
  const removed = new Set<string>()

  const done = (worker: PodWorker) => {
    if (removed.has(worker.uid)) forget(worker)
  }
  const forget = (worker: PodWorker) => {
    workers.delete(worker.uid)
    removed.delete(worker.uid)
    options.onGone(worker.pod)
  }
  const add = (pod: Pod) => {
    const worker = new PodWorker(context, pod, done)
    workers.set(worker.uid, worker)
    return worker
  }

  return {
    get: (uid) => workers.get(uid),
    all: () => [...workers.values()],
    update(pod) {
      const worker = workers.get(pod.metadata.uid ?? '')
      if (worker === undefined) add(pod)
      else worker.update(pod)
    },
    remove(uid) {
      const worker = workers.get(uid)
      if (worker === undefined) return
      removed.add(uid)
      if (worker.phase === 'done') forget(worker)
      else worker.orphan()
    },
    notice: (uid) => workers.get(uid)?.notice(),
    runtimeChanged: (uid) => workers.get(uid)?.runtimeChanged(),
    evict: (uid, eviction) => workers.get(uid)?.evict(eviction),
    endOrphan(pod) {
      const uid = pod.metadata.uid ?? ''
      if (workers.has(uid)) return
      removed.add(uid)
      add(pod).orphan()
    },
    async stop() {
      await Promise.all([...workers.values()].map((worker) => worker.stop()))
    },
  }
}
