import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { jsonEqual } from '../../../machinery/json.ts'
import { byteLength } from '../../../machinery/validation/message-text.ts'
import { configMapKey } from '../../../machinery/validation/value-formats.ts'
import { checkField } from '../../field-checks.ts'
import type { ConfigMap } from '../../types.generated.ts'

const count = (object: object | undefined) => Object.keys(object ?? {}).length

const maxBytes = 1024 * 1024

/** pkg/apis/core/validation ValidateConfigMap. */
function validate({ data = {}, binaryData = {} }: ConfigMap): FieldError[] {
  const errors: FieldError[] = []
  let bytes = 0
  for (const [key, text] of Object.entries(data)) {
    const field = `data[${key}]`
    errors.push(...checkField(key, field, configMapKey))
    if (Object.hasOwn(binaryData, key)) {
      errors.push(fieldErrors.invalid(field, key, 'duplicate of key present in binaryData'))
    }
    bytes += byteLength(text)
  }
  for (const [key, base64] of Object.entries(binaryData)) {
    errors.push(...checkField(key, `binaryData[${key}]`, configMapKey))
    bytes += Buffer.byteLength(base64, 'base64')
  }
  if (bytes > maxBytes) errors.push(fieldErrors.tooLong('[]', '', maxBytes))
  return errors
}

function validateUnchanged(object: ConfigMap, old: ConfigMap): FieldError[] {
  const detail = 'field is immutable when `immutable` is set'
  return [
    ...(object.immutable ? [] : [fieldErrors.forbidden('immutable', detail)]),
    ...(jsonEqual(object.data, old.data) ? [] : [fieldErrors.forbidden('data', detail)]),
    ...(jsonEqual(object.binaryData, old.binaryData) ? [] : [fieldErrors.forbidden('binaryData', detail)]),
  ]
}

export const configMaps = defineKind<ConfigMap>(
  { group: '', version: 'v1', kind: 'ConfigMap' },
  {
    allowUnconditionalUpdate: true,
    validate,
    validateUpdate: (object, old) => [...(old.immutable ? validateUnchanged(object, old) : []), ...validate(object)],
    columns: [
      nameColumn,
      column('Data', 'string', ({ data, binaryData }) => count(data) + count(binaryData)),
      ageColumn,
    ],
  },
)
