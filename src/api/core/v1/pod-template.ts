import { defineKind } from '../../define-kind.ts'
import type { PodTemplate } from '../../types.generated.ts'

export const podTemplates = defineKind<PodTemplate>({ group: '', version: 'v1', kind: 'PodTemplate' })
