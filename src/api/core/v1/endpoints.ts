import { defineKind } from '../../define-kind.ts'
import type { Endpoints } from '../../types.generated.ts'

export const endpoints = defineKind<Endpoints>({ group: '', version: 'v1', kind: 'Endpoints' })
