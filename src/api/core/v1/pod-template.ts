import { column, containerColumns, labelsCell, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { countsGeneration, isUnchanged } from '../../object-metadata.ts'
import type { PodTemplate } from '../../types.generated.ts'
import { templateRules, validatePodTemplate } from './pod/template-validation.ts'
import { podTemplateWarnings } from './pod/warnings.ts'

export const podTemplates = defineKind<PodTemplate>(
  { group: '', version: 'v1', kind: 'PodTemplate' },
  {
    returnsDeletedObject: true,
    allowUnconditionalUpdate: true,
    ...countsGeneration<PodTemplate>('template'),
    validate: ({ template }, { enabled }) =>
      template ? validatePodTemplate(template, 'template', templateRules(undefined, enabled)) : [],
    validateUpdate: ({ template }, old, { enabled }) =>
      template ? validatePodTemplate(template, 'template', templateRules(old.template, enabled)) : [],
    warnings: (object, old) => (isUnchanged(object, old) ? [] : podTemplateWarnings(object.template, 'template')),
    columns: [
      nameColumn,
      ...containerColumns<PodTemplate>(({ template }) => template?.spec, false),
      column('Pod Labels', 'string', ({ template }) => labelsCell(template?.metadata?.labels)),
    ],
  },
)
