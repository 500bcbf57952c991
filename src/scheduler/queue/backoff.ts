import type { QueuedPod } from './queued-pod.ts'

// Ends of backoff are put together by the second, so that priority decides among those that end at about the same time.
const windowMs = 1000

export interface BackoffOptions {
  readonly initialMs: number
  readonly maxMs: number
}
export const defaultBackoff: BackoffOptions = { initialMs: 1000, maxMs: 10_000 }

/** When the pod may be tried again, epoch milliseconds; 0: at once (backend/queue/backoff_queue.go). */
export function backoffEnd(pod: QueuedPod, { initialMs, maxMs }: BackoffOptions): number {
  const count = pod.consecutiveErrors > 0 ? pod.consecutiveErrors : pod.unschedulableCount
  if (count === 0) return 0
  pod.backoffUntil ??= align(pod.timestamp + Math.min(maxMs, initialMs * 2 ** Math.min(count - 1, 30)))
  return pod.backoffUntil
}

export function isBackingOff(pod: QueuedPod, now: number, options: BackoffOptions): boolean {
  return backoffEnd(pod, options) >= align(now)
}

/** The moment from which on a pod with this end of backoff is free. */
export function freeAt(end: number): number {
  return end + windowMs
}

function align(ms: number): number {
  return ms - (ms % windowMs)
}
