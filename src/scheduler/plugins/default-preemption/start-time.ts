import type { PodInfo } from '../../cache/pod-info.ts'

/** When the pod started, epoch milliseconds; one that has not started yet counts as the latest. */
export function startedAt({ pod }: PodInfo): number {
  const { startTime } = pod.status ?? {}
  return startTime ? Date.parse(startTime) : Number.MAX_SAFE_INTEGER
}
