import { defineKind } from '../../define-kind.ts'
import type { FlowSchema } from '../../types.generated.ts'

export const flowSchemas = defineKind<FlowSchema>({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'FlowSchema',
})
