import { ageColumn, column, containerColumns, nameColumn, timeSince } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { formatLabelSelector } from '../../../machinery/labels/index.ts'
import { isUnchanged, podNameWarnings } from '../../object-metadata.ts'
import type { CronJob } from '../../types.generated.ts'
import { validateCronJob, validateCronJobUpdate } from './cron-job-validation.ts'
import { jobSpecWarnings } from './job/validation.ts'

function warnings(cronJob: CronJob, old: CronJob | undefined): string[] {
  const { metadata, spec } = cronJob
  const texts = old === undefined ? podNameWarnings(metadata.name!) : []
  if (!isUnchanged(cronJob, old)) texts.push(...jobSpecWarnings(spec?.jobTemplate.spec, 'spec.jobTemplate.spec'))
  if (old !== undefined && spec?.schedule.includes('TZ')) {
    const more = 'see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details'
    texts.push(`cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, ${more}`)
  }
  return texts
}

export const cronJobs = defineKind<CronJob>(
  { group: 'batch', version: 'v1', kind: 'CronJob' },
  {
    allowUnconditionalUpdate: true,
    setDefaults(draft) {
      const spec = draft.spec!
      spec.concurrencyPolicy ||= 'Allow'
      spec.suspend ??= false
      spec.successfulJobsHistoryLimit ??= 3
      spec.failedJobsHistoryLimit ??= 1
    },
    validate: validateCronJob,
    validateUpdate: validateCronJobUpdate,
    warnings,
    columns: [
      nameColumn,
      column('Schedule', 'string', ({ spec }) => spec?.schedule ?? ''),
      column('Timezone', 'string', ({ spec }) => spec?.timeZone ?? '<none>'),
      column('Suspend', 'boolean', ({ spec }) =>
        spec?.suspend === undefined ? '<unset>' : spec.suspend ? 'True' : 'False',
      ),
      column('Active', 'integer', ({ status }) => (status?.active ?? []).length),
      column('Last Schedule', 'string', ({ status }, now) =>
        status?.lastScheduleTime ? timeSince(status.lastScheduleTime, now) : '<none>',
      ),
      ageColumn,
      ...containerColumns<CronJob>(({ spec }) => spec?.jobTemplate?.spec?.template?.spec),
      column('Selector', 'string', ({ spec }) => formatLabelSelector(spec?.jobTemplate?.spec?.selector), {
        wide: true,
      }),
    ],
  },
)
