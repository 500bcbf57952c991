import type { Job } from '../../api/types.generated.ts'
import { timeOf } from '../pods/pod-state.ts'

/** How long a finished job still stays, in ms; undefined when it is not to be deleted by its age. */
export function remainingTtlMs(job: Job, now: number): number | undefined {
  const { ttlSecondsAfterFinished } = job.spec
  if (ttlSecondsAfterFinished === undefined || job.metadata.deletionTimestamp !== undefined) return undefined
  const end = job.status?.conditions?.find(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  )
  const endedAt = timeOf(end?.lastTransitionTime)
  return endedAt === undefined ? undefined : endedAt + ttlSecondsAfterFinished * 1000 - now
}
