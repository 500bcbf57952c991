import { defineKind } from '../../define-kind.ts'
import type { MutatingWebhookConfiguration } from '../../types.generated.ts'

export const mutatingWebhookConfigurations = defineKind<MutatingWebhookConfiguration>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingWebhookConfiguration',
})
