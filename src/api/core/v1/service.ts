import { defineKind } from '../../define-kind.ts'
import type { Service } from '../../types.generated.ts'

export const services = defineKind<Service>({ group: '', version: 'v1', kind: 'Service' })
