import { defineKind } from '../../define-kind.ts'
import type { LimitRange } from '../../types.generated.ts'

export const limitRanges = defineKind<LimitRange>({ group: '', version: 'v1', kind: 'LimitRange' })
