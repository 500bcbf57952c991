import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { qualified } from '../../../machinery/errors.ts'
import { controllerOf, parseApiVersion } from '../../../machinery/meta/object.ts'
import type { ControllerRevision } from '../../types.generated.ts'

function controllerCell(revision: ControllerRevision): string {
  const controller = controllerOf(revision)
  if (controller === undefined) return '<none>'
  const { group } = parseApiVersion(controller.apiVersion)
  return `${qualified({ group, kind: controller.kind }).toLowerCase()}/${controller.name}`
}

export const controllerRevisions = defineKind<ControllerRevision>(
  { group: 'apps', version: 'v1', kind: 'ControllerRevision' },
  {
    allowUnconditionalUpdate: true,
    columns: [
      nameColumn,
      column('Controller', 'string', controllerCell),
      column('Revision', 'string', ({ revision }) => revision ?? 0),
      ageColumn,
    ],
  },
)
