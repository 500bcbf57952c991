import { defineKind } from '../../define-kind.ts'
import type { ComponentStatus } from '../../types.generated.ts'

export const componentStatuses = defineKind<ComponentStatus>({ group: '', version: 'v1', kind: 'ComponentStatus' })
