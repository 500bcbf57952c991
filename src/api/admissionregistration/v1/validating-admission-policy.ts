import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { statusWithoutMetadata } from '../../object-metadata.ts'
import type { ValidatingAdmissionPolicy } from '../../types.generated.ts'
import { paramKindCell } from './param-cells.ts'
import { reservedNameWarnings } from './reserved-names.ts'
import { validatePolicy, validatePolicyStatus, validatePolicyUpdate } from './validating-policy-validation.ts'

export const validatingAdmissionPolicies = defineKind<ValidatingAdmissionPolicy>(
  { group: 'admissionregistration.k8s.io', version: 'v1', kind: 'ValidatingAdmissionPolicy' },
  {
    validate: validatePolicy,
    validateUpdate: validatePolicyUpdate,
    warnings: reservedNameWarnings,
    columns: [
      nameColumn,
      column('Validations', 'integer', ({ spec }) => (spec?.validations ?? []).length),
      column('ParamKind', 'string', ({ spec }) => paramKindCell(spec?.paramKind)),
      ageColumn,
    ],
    subresources: { status: { ...statusWithoutMetadata, validateUpdate: validatePolicyStatus } },
  },
)
