import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { countsGeneration } from '../../object-metadata.ts'
import type { MutatingAdmissionPolicyBinding } from '../../types.generated.ts'
import { paramRefCell } from './param-cells.ts'
import { checkReservedName, reservedNameWarnings } from './reserved-names.ts'
import { validateMutatingBinding } from './binding-validation.ts'

export const mutatingAdmissionPolicyBindings = defineKind<MutatingAdmissionPolicyBinding>(
  { group: 'admissionregistration.k8s.io', version: 'v1', kind: 'MutatingAdmissionPolicyBinding' },
  {
    ...countsGeneration<MutatingAdmissionPolicyBinding>('spec'),
    validate: (binding) => [...validateMutatingBinding(binding), ...checkReservedName(binding)],
    warnings: reservedNameWarnings,
    validateUpdate: validateMutatingBinding,
    columns: [
      nameColumn,
      column('PolicyName', 'string', ({ spec }) => spec?.policyName ?? ''),
      column('ParamRef', 'string', ({ spec }) => paramRefCell(spec?.paramRef)),
      ageColumn,
    ],
  },
)
