import { defineKind } from '../../define-kind.ts'
import type { Deployment } from '../../types.generated.ts'

export const deployments = defineKind<Deployment>({ group: 'apps', version: 'v1', kind: 'Deployment' })
