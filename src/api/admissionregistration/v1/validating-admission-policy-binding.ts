import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { countsGeneration } from '../../object-metadata.ts'
import type { ValidatingAdmissionPolicyBinding } from '../../types.generated.ts'
import { paramRefCell } from './param-cells.ts'
import { validateValidatingBinding } from './binding-validation.ts'
import { checkReservedName, reservedNameWarnings } from './reserved-names.ts'

export const validatingAdmissionPolicyBindings = defineKind<ValidatingAdmissionPolicyBinding>(
  { group: 'admissionregistration.k8s.io', version: 'v1', kind: 'ValidatingAdmissionPolicyBinding' },
  {
    ...countsGeneration<ValidatingAdmissionPolicyBinding>('spec'),
    validate: (binding) => [...validateValidatingBinding(binding), ...checkReservedName(binding)],
    warnings: reservedNameWarnings,
    validateUpdate: validateValidatingBinding,
    columns: [
      nameColumn,
      column('PolicyName', 'string', ({ spec }) => spec?.policyName ?? ''),
      column('ParamRef', 'string', ({ spec }) => paramRefCell(spec?.paramRef)),
      ageColumn,
    ],
  },
)
