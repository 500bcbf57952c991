import { column, containerColumns, labelsCell, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { countsGeneration, isUnchanged } from '../../object-metadata.ts'
import type { PodTemplate } from '../../types.generated.ts'
import { dropDisabledFields } from './pod/disabled-fields.ts'
import { templateRules, validatePodTemplate } from './pod/template-validation.ts'
import { podTemplateWarnings } from './pod/warnings.ts'

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
    validate: ({ template }) => (template ? validatePodTemplate(template, 'template', templateRules(undefined)) : []),
    validateUpdate: ({ template }, old) =>
      template ? validatePodTemplate(template, 'template', templateRules(old.template)) : [],
    warnings: (object, old) => (isUnchanged(object, old) ? [] : podTemplateWarnings(object.template, 'template')),
    columns: [
      nameColumn,
      ...containerColumns<PodTemplate>(({ template }) => template?.spec, false),
      column('Pod Labels', 'string', ({ template }) => labelsCell(template?.metadata?.labels)),
    ],
  },
)
