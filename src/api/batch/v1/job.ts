import { defineKind } from '../../define-kind.ts'
import type { Job } from '../../types.generated.ts'

export const jobs = defineKind<Job>({ group: 'batch', version: 'v1', kind: 'Job' })
