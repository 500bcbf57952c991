import { defineKind } from '../../define-kind.ts'
import type { Secret } from '../../types.generated.ts'

export const secrets = defineKind<Secret>({ group: '', version: 'v1', kind: 'Secret' })
