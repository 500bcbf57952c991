import { defineKind } from '../../define-kind.ts'
import type { StatefulSet } from '../../types.generated.ts'

export const statefulSets = defineKind<StatefulSet>({ group: 'apps', version: 'v1', kind: 'StatefulSet' })
