import { jobs } from '../../api/batch/v1/job.ts'
import { isReason } from '../../machinery/errors.ts'
import { controllerMetrics, exponentialBuckets } from '../runtime/controller-metrics.ts'
import { defineSync } from '../runtime/define-sync.ts'
import { keyOf } from '../../client/informer.ts'
import type { Job } from '../../api/types.generated.ts'
import { remainingTtlMs } from './reconcile.ts'

const deletions = controllerMetrics((registry) =>
  registry
    .histogram(
      'ttl_after_finished_controller_job_deletion_duration_seconds',
      'Time by which jobs were deleted later than they were due.',
      exponentialBuckets(0.1, 2, 14),
    )
    .labels(),
)

/** TTL after finished: deletes jobs some time after their end (pkg/controller/ttlafterfinished). */
export const ttlAfterFinishedController = defineSync({
  name: 'ttl-after-finished-controller',
  setup(context) {
    const { client, informers, clock } = context
    const duration = deletions(context)
    const all = informers.for(jobs)
    return {
      ready: (signal) => all.whenSynced(signal),
      watch(queue) {
        const seen = (job: Job) => {
          if (remainingTtlMs(job, clock.now()) !== undefined) queue.add(keyOf(job))
        }
        return all.subscribe({ added: seen, updated: seen })
      },
      async sync(key) {
        const job = all.get(key)
        const leftMs = job && remainingTtlMs(job, clock.now())
        if (job === undefined || leftMs === undefined) return
        if (leftMs > 0) return { requeueAfterMs: leftMs }
        const { namespace, name = '' } = job.metadata
        try {
          // The limit may have been raised since.
          const fresh = await client.get(jobs, { namespace, name })
          const still = remainingTtlMs(fresh, clock.now())
          if (still === undefined || still > 0) return { requeueAfterMs: still }
          const due = clock.now() + still
          const preconditions = { uid: fresh.metadata.uid }
          await client.delete(jobs, { namespace, name }, { propagationPolicy: 'Foreground', preconditions })
          duration.observe((clock.now() - due) / 1000)
        } catch (error) {
          if (!isReason(error, 'NotFound')) throw error
        }
      },
    }
  },
})
