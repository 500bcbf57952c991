import { jobs } from '../../api/batch/v1/job.ts'
import type { CronJob } from '../../api/types.generated.ts'
import { controllerMetrics, exponentialBuckets } from '../runtime/controller-metrics.ts'
import type { Measure } from '../runtime/define-controller.ts'
import { scheduledAnnotation } from './reconcile.ts'

const skews = controllerMetrics((registry) =>
  registry
    .histogram(
      'cronjob_controller_job_creation_skew_duration_seconds',
      'Time by which jobs were made later than they were due.',
      exponentialBuckets(1, 2, 10),
    )
    .labels(),
)

/** How late jobs are (pkg/controller/cronjob/metrics). */
export const measure: Measure<CronJob> = (context) => {
  const skew = skews(context)
  return (_, { steps = [] }) => {
    const made = steps.flatMap((step) => (step.do === 'create' && step.ref === jobs ? [step.object] : []))
    return ({ error }) => {
      if (error !== undefined) return
      for (const { metadata } of made) {
        const due = Date.parse(metadata.annotations?.[scheduledAnnotation] ?? '')
        if (!Number.isNaN(due)) skew.observe(Math.max(0, Math.floor((context.clock.now() - due) / 1000)))
      }
    }
  }
}
