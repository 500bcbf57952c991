import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { countsGeneration } from '../../object-metadata.ts'
import type { MutatingAdmissionPolicy } from '../../types.generated.ts'
import { paramKindCell } from './param-cells.ts'
import { validateMutatingPolicy, validateMutatingPolicyUpdate } from './mutating-policy-validation.ts'
import { reservedNameWarnings } from './reserved-names.ts'

export const mutatingAdmissionPolicies = defineKind<MutatingAdmissionPolicy>(
  { group: 'admissionregistration.k8s.io', version: 'v1', kind: 'MutatingAdmissionPolicy' },
  {
    ...countsGeneration<MutatingAdmissionPolicy>('spec'),
    validate: validateMutatingPolicy,
    validateUpdate: validateMutatingPolicyUpdate,
    warnings: reservedNameWarnings,
    columns: [
      nameColumn,
      column('Mutations', 'integer', ({ spec }) => (spec?.mutations ?? []).length),
      column('ParamKind', 'string', ({ spec }) => paramKindCell(spec?.paramKind)),
      ageColumn,
    ],
  },
)
