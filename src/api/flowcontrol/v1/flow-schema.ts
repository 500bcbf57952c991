import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { statusWithoutMetadata } from '../../object-metadata.ts'
import type { FlowSchema } from '../../types.generated.ts'
import { validateFlowSchema } from './flow-schema/validation.ts'
import { validateFlowStatus } from './status-validation.ts'

export const flowSchemas = defineKind<FlowSchema>(
  { group: 'flowcontrol.apiserver.k8s.io', version: 'v1', kind: 'FlowSchema' },
  {
    allowUnconditionalUpdate: true,
    validate: validateFlowSchema,
    validateUpdate: validateFlowSchema,
    setDefaults({ spec }) {
      if (spec !== undefined) spec.matchingPrecedence ||= 1000
    },
    columns: [
      nameColumn,
      column('PriorityLevel', 'string', ({ spec }) => spec?.priorityLevelConfiguration?.name ?? ''),
      column('MatchingPrecedence', 'string', ({ spec }) => spec?.matchingPrecedence ?? 0),
      column('DistinguisherMethod', 'string', ({ spec }) => spec?.distinguisherMethod?.type ?? '<none>'),
      ageColumn,
      column(
        'MissingPL',
        'string',
        ({ status }) => status?.conditions?.find(({ type }) => type === 'Dangling')?.status ?? '?',
      ),
    ],
    // The order in which they are tried (apihelpers.FlowSchemaSequence).
    compareRows: (a, b) =>
      (a.spec?.matchingPrecedence ?? 0) - (b.spec?.matchingPrecedence ?? 0) ||
      ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1),
    subresources: { status: { ...statusWithoutMetadata, validateUpdate: validateFlowStatus } },
  },
)
