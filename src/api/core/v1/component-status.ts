import { column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import type { ComponentStatus } from '../../types.generated.ts'

const healthy = ({ conditions }: ComponentStatus) => conditions?.find(({ type }) => type === 'Healthy')

function statusCell(component: ComponentStatus): string {
  const condition = healthy(component)
  if (condition === undefined) return 'Unknown'
  return condition.status === 'True' ? 'Healthy' : 'Unhealthy'
}

export const componentStatuses = defineKind<ComponentStatus>(
  { group: '', version: 'v1', kind: 'ComponentStatus' },
  {
    columns: [
      nameColumn,
      column('Status', 'string', statusCell),
      column('Message', 'string', (component) => healthy(component)?.message ?? ''),
      column('Error', 'string', (component) => healthy(component)?.error ?? ''),
    ],
  },
)
