import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { countsGeneration } from '../../object-metadata.ts'
import type { MutatingWebhookConfiguration } from '../../types.generated.ts'
import { validateWebhooks, validateWebhooksUpdate } from './webhook-validation.ts'
import { webhookWarnings } from './webhook-warnings.ts'
import { checkReservedName } from './reserved-names.ts'

export const mutatingWebhookConfigurations = defineKind<MutatingWebhookConfiguration>(
  { group: 'admissionregistration.k8s.io', version: 'v1', kind: 'MutatingWebhookConfiguration' },
  {
    ...countsGeneration<MutatingWebhookConfiguration>('webhooks'),
    validate: (configuration) => [...validateWebhooks(configuration), ...checkReservedName(configuration)],
    validateUpdate: validateWebhooksUpdate,
    warnings: webhookWarnings,
    columns: [nameColumn, column('Webhooks', 'integer', ({ webhooks }) => (webhooks ?? []).length), ageColumn],
  },
)
