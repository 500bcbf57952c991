import { defineKind } from '../../define-kind.ts'
import type { Pod } from '../../types.generated.ts'

export const pods = defineKind<Pod>({ group: '', version: 'v1', kind: 'Pod' })
