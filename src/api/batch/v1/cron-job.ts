import { defineKind } from '../../define-kind.ts'
import type { CronJob } from '../../types.generated.ts'

export const cronJobs = defineKind<CronJob>({ group: 'batch', version: 'v1', kind: 'CronJob' })
