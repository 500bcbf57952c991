import { ageColumn, column, containerColumns, nameColumn, timeSince } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { dropDisabledFields } from '../../core/v1/pod/disabled-fields.ts'
import { formatLabelSelector } from '../../../machinery/labels/index.ts'
import type { CronJob } from '../../types.generated.ts'

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
    prepareForCreate({ spec }) {
      dropDisabledFields(spec!.jobTemplate.spec!.template.spec!)
    },
    prepareForUpdate({ spec }) {
      dropDisabledFields(spec!.jobTemplate.spec!.template.spec!)
    },
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
