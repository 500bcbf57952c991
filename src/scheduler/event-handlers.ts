import type { Node, Pod } from '../api/types.generated.ts'
import type { InformerHandler } from '../client/informer.ts'
import type { KubeObject } from '../machinery/meta/object.ts'
import type { SchedulerCache } from './cache/scheduler-cache.ts'
import { action, assignedPodAdd, type EventResource, nodeChanges, podChanges } from './framework/cluster-event.ts'
import type { SchedulingQueue } from './queue/scheduling-queue.ts'

/** Keeps cache and queue as the cluster is (pkg/scheduler/eventhandlers.go). */
export class EventHandlers {
  readonly #cache: SchedulerCache
  readonly #queue: SchedulingQueue
  readonly #schedulerNames: ReadonlySet<string>

  constructor(cache: SchedulerCache, queue: SchedulingQueue, schedulerNames: ReadonlySet<string>) {
    this.#cache = cache
    this.#queue = queue
    this.#schedulerNames = schedulerNames
  }

  /** Pods that are over take no room: they count as gone. */
  readonly pods: InformerHandler<Pod> = {
    added: (pod) => {
      if (!isOver(pod)) this.#podAdded(pod)
    },
    updated: (pod, old) => {
      if (pod.metadata.uid !== old.metadata.uid || isOver(pod) !== isOver(old)) {
        if (!isOver(old)) this.#podDeleted(old)
        if (!isOver(pod)) this.#podAdded(pod)
      } else if (!isOver(pod)) this.#podUpdated(pod, old)
    },
    deleted: (pod) => {
      if (!isOver(pod)) this.#podDeleted(pod)
    },
  }

  readonly nodes: InformerHandler<Node> = {
    added: (node) => {
      this.#cache.setNode(node)
      this.#queue.move({ resource: 'Node', actions: action.add }, undefined, node)
    },
    updated: (node, old) => {
      this.#cache.setNode(node)
      if (!this.#queue.hasUnschedulable) return
      for (const event of nodeChanges(node, old)) this.#queue.move(event, old, node)
    },
    deleted: (node) => {
      this.#queue.move({ resource: 'Node', actions: action.delete }, node, undefined)
      this.#cache.removeNode(node.metadata.name ?? '')
    },
  }

  /** For what only matters to pods that wait. */
  others(resource: EventResource): InformerHandler<KubeObject> {
    const move = (actions: number, old?: KubeObject, object?: KubeObject) =>
      this.#queue.move({ resource, actions }, old, object)
    return {
      added: (object) => move(action.add, undefined, object),
      updated: (object, old) => move(action.update, old, object),
      deleted: (object) => move(action.delete, object),
    }
  }

  #podAdded(pod: Pod): void {
    if (isAssigned(pod)) {
      this.#cache.setPod(pod)
      this.#queue.move(assignedPodAdd, undefined, pod)
    } else if (this.#isOurs(pod)) this.#queue.add(pod)
  }

  #podUpdated(pod: Pod, old: Pod): void {
    const uid = pod.metadata.uid ?? ''
    if (isAssigned(old)) {
      this.#cache.setPod(pod)
      if (!this.#queue.hasUnschedulable) return
      for (const event of podChanges(pod, old, false)) this.#queue.move(event, old, pod)
    } else if (isAssigned(pod)) {
      this.#cache.setPod(pod)
      this.#queue.move(assignedPodAdd, undefined, pod)
      if (this.#isOurs(old)) this.#queue.delete(uid)
    } else if (this.#isOurs(old)) {
      if (this.#cache.isAssumed(uid)) {
        // What it takes is free at once; its binding will fail by itself.
        if (pod.metadata.deletionTimestamp && !old.metadata.deletionTimestamp) this.#assumedPodDeleted(pod)
        return
      }
      this.#queue.update(old, pod)
      const nominated = old.status?.nominatedNodeName
      if (nominated && nominated !== pod.status?.nominatedNodeName) this.#nominationEnded(old)
    }
  }

  #podDeleted(pod: Pod): void {
    const uid = pod.metadata.uid ?? ''
    if (isAssigned(pod)) {
      this.#cache.removePod(uid)
      this.#queue.podDeleted(pod)
    } else if (this.#isOurs(pod)) {
      this.#queue.delete(uid)
      if (this.#cache.isAssumed(uid)) this.#assumedPodDeleted(pod)
      else if (pod.status?.nominatedNodeName) this.#nominationEnded(pod)
    }
  }

  #assumedPodDeleted(pod: Pod): void {
    const assumed = this.#cache.pod(pod.metadata.uid ?? '')
    if (!assumed) return
    this.#cache.removePod(assumed.uid)
    this.#queue.podDeleted(assumed.pod)
  }

  /** Pods of no higher priority took the nominated pod for one that is there. */
  #nominationEnded(pod: Pod): void {
    this.#queue.podDeleted(pod, ({ priority }) => priority <= (pod.spec?.priority ?? 0))
  }

  #isOurs(pod: Pod): boolean {
    return this.#schedulerNames.has(schedulerNameOf(pod))
  }
}

/** Who is to schedule the pod. */
export function schedulerNameOf({ spec }: Pod): string {
  return spec?.schedulerName || 'default-scheduler'
}

function isAssigned(pod: Pod): boolean {
  return Boolean(pod.spec?.nodeName)
}

function isOver(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}
