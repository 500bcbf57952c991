import type { Job, Pod } from '../../api/types.generated.ts'
import { failureCount, finishedAt, ignoredFailureCount, isPodFailed, validIndex, isIndexed } from './job-pods.ts'

const firstMs = 10_000
const mostMs = 600_000

/** In how many ms failed pods may be replaced: 10 s after the first failure, doubling, until a pod succeeds. */
export function remainingBackoffMs(job: Job, pods: readonly Pod[], now: number): number {
  const counted = isIndexed(job) ? pods.filter((pod) => validIndex(pod, job) !== undefined) : pods
  const successes = counted.filter((pod) => pod.status?.phase === 'Succeeded').map(finishedAt)
  const lastSuccess = Math.max(-Infinity, ...successes)
  const failures = counted
    .filter((pod) => isPodFailed(pod, job))
    .map(finishedAt)
    .filter((time) => time > lastSuccess)
  return remainingMs(failures.length, Math.max(...failures), now)
}

/** The same for one index, whose last failed pod carries the count (KEP-3850). */
export function remainingIndexBackoffMs(lastFailed: Pod | undefined, now: number): number {
  if (lastFailed === undefined) return 0
  const failures = failureCount(lastFailed) + ignoredFailureCount(lastFailed) + 1
  return remainingMs(failures, finishedAt(lastFailed), now)
}

function remainingMs(failures: number, lastFailureMs: number, now: number): number {
  if (failures === 0) return 0
  const backoffMs = Math.min(firstMs * 2 ** Math.min(failures - 1, 20), mostMs)
  return Math.max(0, backoffMs - (now - lastFailureMs))
}
