import { defineKind } from '../../define-kind.ts'
import type { CustomResourceDefinition } from '../../types.generated.ts'

export const customResourceDefinitions = defineKind<CustomResourceDefinition>({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
})
