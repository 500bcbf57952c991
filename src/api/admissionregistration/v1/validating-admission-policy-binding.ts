import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { countsGeneration } from '../../object-metadata.ts'
import type { ValidatingAdmissionPolicyBinding } from '../../types.generated.ts'
import { paramRefCell } from './param-cells.ts'

export const validatingAdmissionPolicyBindings = defineKind<ValidatingAdmissionPolicyBinding>(
  { group: 'admissionregistration.k8s.io', version: 'v1', kind: 'ValidatingAdmissionPolicyBinding' },
  {
    ...countsGeneration<ValidatingAdmissionPolicyBinding>('spec'),
    columns: [
      nameColumn,
      column('PolicyName', 'string', ({ spec }) => spec?.policyName ?? ''),
      column('ParamRef', 'string', ({ spec }) => paramRefCell(spec?.paramRef)),
      ageColumn,
    ],
  },
)
