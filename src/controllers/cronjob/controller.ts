import { cronJobs } from '../../api/batch/v1/cron-job.ts'
import { jobs } from '../../api/batch/v1/job.ts'
import { loadTimeZone } from '../../machinery/cron/zoned-time.ts'
import { defineController } from '../runtime/define-controller.ts'
import { measure } from './metrics.ts'
import { reconcile } from './reconcile.ts'

/** CronJob: makes jobs by the clock. */
export const cronJobController = defineController({
  name: 'cronjob-controller',
  for: cronJobs,
  owns: [jobs],
  measure,
  reconcile: (observed, { options }) => reconcile(observed, loadTimeZone(options.timeZone ?? 'UTC')),
})
