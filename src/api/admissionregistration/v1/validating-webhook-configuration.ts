import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { countsGeneration } from '../../object-metadata.ts'
import type { ValidatingWebhookConfiguration } from '../../types.generated.ts'

export const validatingWebhookConfigurations = defineKind<ValidatingWebhookConfiguration>(
  { group: 'admissionregistration.k8s.io', version: 'v1', kind: 'ValidatingWebhookConfiguration' },
  {
    ...countsGeneration<ValidatingWebhookConfiguration>('webhooks'),
    columns: [nameColumn, column('Webhooks', 'integer', ({ webhooks }) => (webhooks ?? []).length), ageColumn],
  },
)
