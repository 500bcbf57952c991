import { pods } from '../../api/core/v1/pod.ts'
import type { Job } from '../../api/types.generated.ts'
import { controllerMetrics, exponentialBuckets } from '../runtime/controller-metrics.ts'
import type { Measure } from '../runtime/define-controller.ts'
import type { Plan, Write } from '../runtime/plan.ts'

const declared = controllerMetrics((registry) => {
  const name = (what: string) => `job_controller_${what}`
  const syncLabels = ['completion_mode', 'result', 'action']
  return {
    syncs: registry.counter(name('job_syncs_total'), 'Syncs of jobs.', syncLabels),
    seconds: registry.histogram(
      name('job_sync_duration_seconds'),
      'Time of syncs of jobs.',
      exponentialBuckets(0.004, 2, 15),
      syncLabels,
    ),
    finished: registry.counter(name('jobs_finished_total'), 'Jobs that ended.', [
      'completion_mode',
      'result',
      'reason',
    ]),
  }
})

/** What jobs ask for, and how they end (pkg/controller/job/metrics). */
export const measure: Measure<Job> = (context) => {
  const metrics = declared(context)
  return ({ object }, plan) => {
    const writes = writesOf(plan)
    const wasOver = endOf(object) !== undefined
    const action = actionOf(writes) ?? (wasOver ? 'reconciling' : 'tracking')
    const mode = object.spec.completionMode ?? 'NonIndexed'
    return ({ error, seconds, written }) => {
      const labels = [mode, error === undefined ? 'success' : 'error', action] as const
      metrics.syncs.labels(...labels).inc()
      metrics.seconds.labels(...labels).observe(seconds)
      const end = written && endOf(written as Job)
      if (end !== undefined && !wasOver) metrics.finished.labels(mode, ...end).inc()
    }
  }
}

function writesOf({ steps = [] }: Plan): readonly Write[] {
  return steps.flatMap((step) => (step.do === 'batch' ? step.writes : step.do === 'tell' ? [] : [step]))
}

/** In upstream's words, the weightiest thing that the sync did. */
function actionOf(writes: readonly Write[]): string | undefined {
  if (writes.some((write) => write.do === 'create' && write.ref === pods)) return 'pods_created'
  if (writes.some((write) => write.do === 'delete' && write.ref === pods)) return 'pods_deleted'
  return undefined
}

function endOf({ status }: Job): readonly [result: string, reason: string] | undefined {
  const end = status?.conditions?.find(
    ({ type, status: state }) => (type === 'Complete' || type === 'Failed') && state === 'True',
  )
  if (end === undefined) return undefined
  return end.type === 'Complete' ? ['succeeded', end.reason ?? ''] : ['failed', end.reason ?? '']
}
