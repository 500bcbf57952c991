import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import type { RuntimeClass } from '../../types.generated.ts'
import { runtimeClassWarnings, validateRuntimeClass } from './validation.ts'

export const runtimeClasses = defineKind<RuntimeClass>(
  { group: 'node.k8s.io', version: 'v1', kind: 'RuntimeClass' },
  {
    allowCreateOnUpdate: true,
    validate: validateRuntimeClass,
    validateUpdate: validateRuntimeClass,
    warnings: runtimeClassWarnings,
    columns: [nameColumn, column('Handler', 'string', ({ handler }) => handler), ageColumn],
  },
)
