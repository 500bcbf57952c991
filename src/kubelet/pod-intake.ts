import type { Pod } from '../api/types.generated.ts'
import type { EventRecorder } from '../client/events/event-recorder.ts'
import type { InformerHandler } from '../client/informer.ts'
import type { Refusal } from './admission/admit-pod.ts'
import { isTerminalPhase } from './pods/containers.ts'
import { matters } from './pods/pod-change.ts'
import { isMirrorPod } from './pods/static-pods.ts'
import type { StaticPods } from './static-pods/static-pods.ts'
import type { StatusManager } from './status/status-manager.ts'
import type { PodWorkers } from './workers/pod-workers.ts'

/** Takes up the pods that the API and the node's own files bring, and hands them to their workers. */
export interface PodIntake extends InformerHandler<Pod> {
  /** At first, in order of creation, so that the older ones are admitted first. */
  takeAll(pods: readonly Pod[]): void
  takeStatic(pod: Pod): void
  /** Of the API, mirrors included. */
  get(uid: string): Pod | undefined
  /** The pods that the node is to run: of the API and its own. */
  list(): readonly Pod[]
}

export function createPodIntake(options: {
  readonly workers: PodWorkers
  readonly statuses: StatusManager
  readonly staticPods: StaticPods
  readonly events: EventRecorder
  /** Why the node does not take the pod. */
  readonly refuse: (pod: Pod) => Refusal | undefined
  /** What the pod refers to is to be kept at hand, or no more. */
  readonly refer: (pod: Pod) => void
  readonly unrefer: (uid: string) => void
}): PodIntake {
  const { workers, statuses, staticPods, events } = options
  const known = new Map<string, Pod>()

  const admit = (pod: Pod) => {
    options.refer(pod)
    const over = pod.metadata.deletionTimestamp != null || isTerminalPhase(pod.status?.phase)
    const refusal = over ? undefined : options.refuse(pod)
    if (refusal === undefined) return workers.update(pod)
    const { reason, message } = refusal
    events.event(pod, 'Warning', reason, message)
    statuses.set(pod, { phase: 'Failed', reason, message: `Pod was rejected: ${message}` }, false)
  }
  const added = (pod: Pod) => {
    if (known.has(pod.metadata.uid ?? '')) return
    known.set(pod.metadata.uid ?? '', pod)
    if (isMirrorPod(pod)) staticPods.mirrorSeen(pod)
    else admit(pod)
  }
  const deleted = (pod: Pod) => {
    const uid = pod.metadata.uid ?? ''
    known.delete(uid)
    if (isMirrorPod(pod)) return staticPods.mirrorGone(pod)
    if (workers.get(uid) === undefined) {
      options.unrefer(uid)
      statuses.forget(uid)
    }
    workers.remove(uid)
  }
  const updated = (pod: Pod, old: Pod) => {
    if (pod.metadata.uid !== old.metadata.uid) {
      deleted(old)
      return added(pod)
    }
    known.set(pod.metadata.uid ?? '', pod)
    if (isMirrorPod(pod)) return staticPods.mirrorSeen(pod)
    if (!matters(old, pod)) return
    options.refer(pod)
    workers.update(pod)
  }
  const createdAt = (pod: Pod) => Date.parse(pod.metadata.creationTimestamp ?? '')

  return {
    added,
    updated,
    deleted,
    takeAll: (pods) => [...pods].sort((a, b) => createdAt(a) - createdAt(b)).forEach(added),
    takeStatic: admit,
    get: (uid) => known.get(uid),
    list: () => [...[...known.values()].filter((pod) => !isMirrorPod(pod)), ...staticPods.list()],
  }
}
