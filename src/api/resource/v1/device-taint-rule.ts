import { ageColumn, column, nameColumn, timeSince } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { formatTime } from '../../../machinery/clock.ts'
import { statusWithoutMetadata } from '../../object-metadata.ts'
import type { DeviceTaintRule } from '../../types.generated.ts'

export const deviceTaintRules = defineKind<DeviceTaintRule>(
  { group: 'resource.k8s.io', version: 'v1', kind: 'DeviceTaintRule' },
  {
    prepareForCreate({ spec }, { now }) {
      spec.taint.timeAdded ??= formatTime(now)
    },
    prepareForUpdate({ spec: { taint } }, old, { now }) {
      const before = old.spec.taint
      // Another effect begins now, unless the client says when.
      const began = taint.effect !== before.effect && taint.timeAdded === before.timeAdded
      if (began || taint.timeAdded === undefined) taint.timeAdded = formatTime(now)
    },
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
    subresources: { status: statusWithoutMetadata },
  },
)
