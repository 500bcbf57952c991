import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { qualified } from '../../../machinery/errors.ts'
import { controllerOf, parseApiVersion } from '../../../machinery/meta/object.ts'
import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { isObject } from '../../../machinery/json.ts'
import { fieldImmutableMessage } from '../../../machinery/validation/message-text.ts'
import { validateNonnegative } from '../../../machinery/validation/object-meta.ts'
import type { ControllerRevision } from '../../types.generated.ts'

function controllerCell(revision: ControllerRevision): string {
  const controller = controllerOf(revision)
  if (controller === undefined) return '<none>'
  const { group } = parseApiVersion(controller.apiVersion)
  return `${qualified({ group, kind: controller.kind }).toLowerCase()}/${controller.name}`
}

/** pkg/apis/apps/validation ValidateControllerRevisionCreate. */
function validateNumber({ revision }: ControllerRevision): FieldError[] {
  return validateNonnegative(revision, 'revision')
}

function validateData({ data }: ControllerRevision): FieldError[] {
  if (data === undefined || data === null) return [fieldErrors.required('data', 'data is mandatory')]
  return isObject(data) ? [] : [fieldErrors.required('data', 'data must be a valid JSON object')]
}

export const controllerRevisions = defineKind<ControllerRevision>(
  { group: 'apps', version: 'v1', kind: 'ControllerRevision' },
  {
    allowUnconditionalUpdate: true,
    validate: (revision) => [...validateNumber(revision), ...validateData(revision)],
    validateUpdate: (revision, old) => [
      ...validateNumber(revision),
      // Upstream compares the bytes.
      ...(JSON.stringify(revision.data) === JSON.stringify(old.data)
        ? []
        : [fieldErrors.invalid('data', revision.data ?? null, fieldImmutableMessage)]),
    ],
    columns: [
      nameColumn,
      column('Controller', 'string', controllerCell),
      column('Revision', 'string', ({ revision }) => revision ?? 0),
      ageColumn,
    ],
  },
)
