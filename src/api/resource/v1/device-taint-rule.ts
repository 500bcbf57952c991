import { ageColumn, column, nameColumn, timeSince } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { formatTime } from '../../../machinery/clock.ts'
import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { validateConditions } from '../../../machinery/validation/conditions.ts'
import { statusWithoutMetadata } from '../../object-metadata.ts'
import type { DeviceTaintRule } from '../../types.generated.ts'
import { setTaintTime } from './type-defaults.ts'
import { validateDeviceTaint, validateDeviceTaintSelector } from './taint-validation.ts'

const maxConditions = 8

function validate({ spec }: DeviceTaintRule): FieldError[] {
  return [
    ...validateDeviceTaintSelector(spec.deviceSelector, 'spec.deviceSelector'),
    ...validateDeviceTaint(spec.taint, 'spec.taint'),
  ]
}

function validateStatus({ status }: DeviceTaintRule): FieldError[] {
  const { conditions = [] } = status ?? {}
  const errors = validateConditions(conditions, 'status.conditions')
  if (conditions.length > maxConditions) {
    errors.push(fieldErrors.tooMany('status.conditions', conditions.length, maxConditions))
  }
  return errors
}

export const deviceTaintRules = defineKind<DeviceTaintRule>(
  { group: 'resource.k8s.io', version: 'v1', kind: 'DeviceTaintRule' },
  {
    setDefaults({ spec }, now) {
      setTaintTime(spec.taint, now)
    },
    prepareForUpdate({ spec: { taint } }, old, { now }) {
      const before = old.spec.taint
      // Another effect begins now, unless the client says when.
      if (taint.effect !== before.effect && taint.timeAdded === before.timeAdded) taint.timeAdded = formatTime(now)
    },
    validate,
    validateUpdate: validate,
    columns: [
      nameColumn,
      column('Key', 'string', ({ spec }) => spec.taint.key),
      column('Value', 'string', ({ spec }) => spec.taint.value ?? ''),
      column('Effect', 'string', ({ spec }) => spec.taint.effect),
      column('TimeAdded', 'string', ({ spec }, now) =>
        spec.taint.timeAdded ? timeSince(spec.taint.timeAdded, now) : '',
      ),
      ageColumn,
    ],
    subresources: { status: { ...statusWithoutMetadata, validateUpdate: validateStatus } },
  },
)
