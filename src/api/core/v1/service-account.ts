import { defineKind } from '../../define-kind.ts'
import type { ServiceAccount } from '../../types.generated.ts'

export const serviceAccounts = defineKind<ServiceAccount>({ group: '', version: 'v1', kind: 'ServiceAccount' })
