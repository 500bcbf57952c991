import { defineKind } from '../../define-kind.ts'
import type { Namespace } from '../../types.generated.ts'

export const namespaces = defineKind<Namespace>({ group: '', version: 'v1', kind: 'Namespace' })
