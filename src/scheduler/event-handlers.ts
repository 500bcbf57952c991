import type { Node, Pod } from '../api/types.generated.ts'
import type { InformerHandler } from '../client/informer.ts'
import type { KubeObject } from '../machinery/meta/object.ts'
import type { SchedulerCache } from './cache/scheduler-cache.ts'
import { schedulerNameOf } from './cache/scheduler-name.ts'
import {
  action,
  assignedPodAdd,
  assignedPodDelete,
  type ClusterEvent,
  eventLabel,
  type EventResource,
  nodeChanges,
  podChanges,
} from './framework/cluster-event.ts'
import type { SchedulingQueue } from './queue/scheduling-queue.ts'
import type { SchedulerMetrics } from './scheduler-metrics.ts'

/** Keeps cache and queue as the cluster is (pkg/scheduler/eventhandlers.go). */
export class EventHandlers {
  readonly #cache: SchedulerCache
  readonly #queue: SchedulingQueue
  readonly #schedulerNames: ReadonlySet<string>
  readonly #metrics: Pick<SchedulerMetrics, 'handling'>

  constructor(
    cache: SchedulerCache,
    queue: SchedulingQueue,
    schedulerNames: ReadonlySet<string>,
    metrics: Pick<SchedulerMetrics, 'handling'>,
  ) {
    this.#metrics = metrics
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
      const event = { resource: 'Node', actions: action.add } as const
      this.#handling(event, () => {
        this.#cache.setNode(node)
        this.#queue.move(event, undefined, node)
      })
    },
    updated: (node, old) => {
      const events = nodeChanges(node, old)
      if (events.length === 0) this.#cache.setNode(node)
      for (const event of events)
        this.#handling(event, () => {
          this.#cache.setNode(node)
          this.#queue.move(event, old, node)
        })
    },
    deleted: (node) => {
      const event = { resource: 'Node', actions: action.delete } as const
      this.#handling(event, () => {
        this.#queue.move(event, node, undefined)
        this.#cache.removeNode(node.metadata.name ?? '')
      })
    },
  }

  /** For what only matters to pods that wait. */
  others(resource: EventResource): InformerHandler<KubeObject> {
    const move = (actions: number, old?: KubeObject, object?: KubeObject) => {
      const event = { resource, actions }
      this.#handling(event, () => this.#queue.move(event, old, object))
    }
    return {
      added: (object) => move(action.add, undefined, object),
      updated: (object, old) => move(action.update, old, object),
      deleted: (object) => move(action.delete, object),
    }
  }

  #handling(event: ClusterEvent, handle: () => void): void {
    this.#metrics.handling(eventLabel(event), handle)
  }

  #podAdded(pod: Pod): void {
    if (isAssigned(pod)) this.#handling(assignedPodAdd, () => this.#assigned(pod))
    else if (this.#isOurs(pod)) this.#metrics.handling('UnscheduledPodAdd', () => this.#queue.add(pod))
  }

  #assigned(pod: Pod): void {
    this.#cache.setPod(pod)
    this.#queue.move(assignedPodAdd, undefined, pod)
  }

  #podUpdated(pod: Pod, old: Pod): void {
    if (isAssigned(old)) this.#metrics.handling('AssignedPodUpdate', () => this.#podChanged(pod, old))
    else if (isAssigned(pod)) this.#handling(assignedPodAdd, () => this.#podChanged(pod, old))
    else if (this.#isOurs(old)) this.#metrics.handling('UnscheduledPodUpdate', () => this.#podChanged(pod, old))
  }

  #podChanged(pod: Pod, old: Pod): void {
    const uid = pod.metadata.uid ?? ''
    if (isAssigned(old)) {
      this.#cache.setPod(pod)
      if (!this.#queue.hasUnschedulable) return
      for (const event of podChanges(pod, old, false)) this.#queue.move(event, old, pod)
    } else if (isAssigned(pod)) {
      this.#assigned(pod)
      if (this.#isOurs(old)) this.#queue.delete(uid)
    } else {
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
      this.#handling(assignedPodDelete, () => {
        this.#cache.removePod(uid)
        this.#queue.podDeleted(pod)
      })
    } else if (this.#isOurs(pod)) {
      this.#metrics.handling('UnscheduledPodDelete', () => {
        this.#queue.delete(uid)
        if (this.#cache.isAssumed(uid)) this.#assumedPodDeleted(pod)
        else if (pod.status?.nominatedNodeName) this.#nominationEnded(pod)
      })
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

function isAssigned(pod: Pod): boolean {
  return Boolean(pod.spec?.nodeName)
}

function isOver(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}
