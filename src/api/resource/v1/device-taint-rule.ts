import { defineKind } from '../../define-kind.ts'
import type { DeviceTaintRule } from '../../types.generated.ts'

export const deviceTaintRules = defineKind<DeviceTaintRule>({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'DeviceTaintRule',
})
