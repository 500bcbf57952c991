import type { PodInfo } from '../cache/pod-info.ts'

/** A pod that waits to be scheduled, and how that went so far. */
export interface QueuedPod {
  info: PodInfo
  /** When it was put into the queue last, epoch milliseconds. */
  timestamp: number
  /** Order of arrival among equals. */
  sequence: number
  attempts: number
  /** When it was tried first, epoch milliseconds. */
  firstTried: number | undefined
  /** How often it fitted nowhere. */
  unschedulableCount: number
  /** How often in a row something else went wrong. */
  consecutiveErrors: number
  /** When its backoff ends, once reckoned. */
  backoffUntil: number | undefined
  /** When it was last tried again merely because it had waited for long. */
  flushedAt: number
  rejectors: ReadonlySet<string>
  pending: ReadonlySet<string>
  /** The plugin that does not let it into the queue. */
  gate: string | undefined
}

export function newQueuedPod(info: PodInfo, timestamp: number, sequence: number): QueuedPod {
  return {
    info,
    timestamp,
    sequence,
    attempts: 0,
    firstTried: undefined,
    unschedulableCount: 0,
    consecutiveErrors: 0,
    backoffUntil: undefined,
    flushedAt: 0,
    rejectors: new Set(),
    pending: new Set(),
    gate: undefined,
  }
}

/** Higher priority first, then who came earlier (plugins/queuesort/priority_sort.go). */
export function prioritySort(a: QueuedPod, b: QueuedPod): boolean {
  const { priority } = a.info
  if (priority !== b.info.priority) return priority > b.info.priority
  return a.timestamp !== b.timestamp ? a.timestamp < b.timestamp : a.sequence < b.sequence
}
