import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { countsGeneration } from '../../object-metadata.ts'
import type { MutatingWebhookConfiguration } from '../../types.generated.ts'

export const mutatingWebhookConfigurations = defineKind<MutatingWebhookConfiguration>(
  { group: 'admissionregistration.k8s.io', version: 'v1', kind: 'MutatingWebhookConfiguration' },
  {
    ...countsGeneration<MutatingWebhookConfiguration>('webhooks'),
    columns: [nameColumn, column('Webhooks', 'integer', ({ webhooks }) => (webhooks ?? []).length), ageColumn],
  },
)
