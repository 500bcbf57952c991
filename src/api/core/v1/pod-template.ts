import { column, containerColumns, labelsCell, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { countsGeneration } from '../../object-metadata.ts'
import type { PodTemplate } from '../../types.generated.ts'
import { dropDisabledFields } from './pod/disabled-fields.ts'

const generation = countsGeneration<PodTemplate>('template')

export const podTemplates = defineKind<PodTemplate>(
  { group: '', version: 'v1', kind: 'PodTemplate' },
  {
    returnsDeletedObject: true,
    allowUnconditionalUpdate: true,
    prepareForCreate(draft, context) {
      if (draft.template?.spec) dropDisabledFields(draft.template.spec)
      generation.prepareForCreate(draft, context)
    },
    prepareForUpdate(draft, old, context) {
      if (draft.template?.spec) dropDisabledFields(draft.template.spec)
      generation.prepareForUpdate(draft, old, context)
    },
    columns: [
      nameColumn,
      ...containerColumns<PodTemplate>(({ template }) => template?.spec, false),
      column('Pod Labels', 'string', ({ template }) => labelsCell(template?.metadata?.labels)),
    ],
  },
)
