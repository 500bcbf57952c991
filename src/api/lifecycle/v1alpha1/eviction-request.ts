import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineOptionalKind } from '../../define-optional-kind.ts'
import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { validateConditions } from '../../../machinery/validation/conditions.ts'
import { statusWithoutMetadata } from '../../object-metadata.ts'
import type { EvictionRequest } from '../../types.generated.ts'
import { progressCell, targetCell, targetTypeCell } from './eviction-cells.ts'

const reserved = ['.k8s.io', '.kubernetes.io']

/** pkg/apis/lifecycle/v1alpha1/validation.go: who asks is nobody of Kubernetes' own. */
function validate({ spec }: EvictionRequest): FieldError[] {
  const { requester = '' } = spec
  if (requester === '') return []
  const domain = requester.split('/')[0]!.toLowerCase().trim().replace(/\.+$/, '')
  if (!reserved.some((suffix) => domain.endsWith(suffix) || domain === suffix.slice(1))) return []
  const list = reserved.map((suffix) => `*${suffix}`).join(', ')
  return [fieldErrors.invalid('spec.requester', requester, `domain names ${list} are reserved`)]
}

export const evictionRequests = defineOptionalKind<EvictionRequest>(
  { group: 'lifecycle.k8s.io', version: 'v1alpha1', kind: 'EvictionRequest' },
  {
    featureGate: 'EvictionRequestAPI',
    nameRule: 'any',
    validate,
    columns: [
      nameColumn,
      column('Target', 'string', ({ spec }) => targetCell(spec.target)),
      column('Target Type', 'string', ({ spec }) => targetTypeCell(spec.target)),
      column('Status', 'string', ({ status }) => progressCell(status)),
      column('Requester', 'string', ({ spec }) => spec.requester),
      column('Intent', 'string', ({ spec }) => spec.intent),
      ageColumn,
    ],
    subresources: {
      status: {
        ...statusWithoutMetadata,
        validateUpdate: ({ status }) => validateConditions(status?.conditions, 'status.conditions'),
      },
    },
  },
)
