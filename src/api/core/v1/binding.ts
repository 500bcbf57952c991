import { defineKind } from '../../define-kind.ts'
import type { Binding } from '../../types.generated.ts'

export const bindings = defineKind<Binding>({ group: '', version: 'v1', kind: 'Binding' })
