import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import type { PodDisruptionBudget } from '../../types.generated.ts'
import { validateBudget, validateBudgetStatus } from './validation.ts'

export const podDisruptionBudgets = defineKind<PodDisruptionBudget>(
  { group: 'policy', version: 'v1', kind: 'PodDisruptionBudget' },
  {
    // Nothing beyond the machinery is asked of its metadata.
    nameRule: 'any',
    validate: (budget) => validateBudget(budget),
    validateUpdate: validateBudget,
    subresources: { status: { validateUpdate: validateBudgetStatus } },
    columns: [
      nameColumn,
      column('Min Available', 'string', ({ spec }) => String(spec?.minAvailable ?? 'N/A')),
      column('Max Unavailable', 'string', ({ spec }) => String(spec?.maxUnavailable ?? 'N/A')),
      column('Allowed Disruptions', 'integer', ({ status }) => status?.disruptionsAllowed ?? 0),
      ageColumn,
    ],
  },
)
