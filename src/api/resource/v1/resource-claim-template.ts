import { ageColumn, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import type { FieldError } from '../../../machinery/field-error.ts'
import { validateImmutable } from '../../../machinery/validation/object-meta.ts'
import { validateTemplateMetadata } from '../../core/v1/pod/volumes/volumes.ts'
import { internalForm } from '../../internal-form.ts'
import type { RuleContext } from '../../definition.ts'
import type { ResourceClaimTemplate } from '../../types.generated.ts'
import { validateDeviceClaim } from './device-claim-validation.ts'

function validate({ spec }: ResourceClaimTemplate, { enabled }: Pick<RuleContext, 'enabled'>): FieldError[] {
  return [
    ...validateTemplateMetadata(spec.metadata, 'spec.metadata'),
    ...validateDeviceClaim(spec.spec?.devices ?? {}, 'spec.spec.devices', enabled),
  ]
}

const shown = ({ spec }: ResourceClaimTemplate) =>
  internalForm('io.k8s.api.resource.v1.ResourceClaimTemplateSpec', spec)

export const resourceClaimTemplates = defineKind<ResourceClaimTemplate>(
  { group: 'resource.k8s.io', version: 'v1', kind: 'ResourceClaimTemplate' },
  {
    allowUnconditionalUpdate: true,
    returnsDeletedObject: true,
    validate,
    validateUpdate: (template, old, context) => [
      ...validate(template, context),
      ...validateImmutable(shown(template), shown(old), 'spec'),
    ],
    columns: [nameColumn, ageColumn],
  },
)
