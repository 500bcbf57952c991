import { defineKind } from '../../define-kind.ts'
import type { DaemonSet } from '../../types.generated.ts'

export const daemonSets = defineKind<DaemonSet>({ group: 'apps', version: 'v1', kind: 'DaemonSet' })
