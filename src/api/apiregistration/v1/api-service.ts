import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import type { APIService } from '../../types.generated.ts'

function availableCell({ status }: APIService): string {
  const available = status?.conditions?.find(({ type }) => type === 'Available')
  if (available === undefined || available.status === 'True') return available?.status ?? 'Unknown'
  return available.reason ? `${available.status} (${available.reason})` : available.status
}

export const apiServices = defineKind<APIService>(
  { group: 'apiregistration.k8s.io', version: 'v1', kind: 'APIService' },
  {
    generation: false,
    setDefaults({ spec }) {
      if (spec?.service !== undefined) spec.service.port ??= 443
    },
    prepareForCreate(draft) {
      // One without a service is served here, and needs nobody to say so.
      if (draft.spec?.service !== undefined) return
      draft.status = {
        conditions: [
          {
            type: 'Available',
            status: 'True',
            reason: 'Local',
            message: 'Local APIServices are always available',
            lastTransitionTime: draft.metadata.creationTimestamp ?? undefined,
          },
        ],
      }
    },
    columns: [
      nameColumn,
      column('Service', 'string', ({ spec }) =>
        spec?.service === undefined ? 'Local' : `${spec.service.namespace}/${spec.service.name}`,
      ),
      column('Available', 'string', availableCell),
      ageColumn,
    ],
  },
)
