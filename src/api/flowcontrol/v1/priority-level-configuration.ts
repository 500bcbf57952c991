import { defineKind } from '../../define-kind.ts'
import type { PriorityLevelConfiguration } from '../../types.generated.ts'

export const priorityLevelConfigurations = defineKind<PriorityLevelConfiguration>({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'PriorityLevelConfiguration',
})
