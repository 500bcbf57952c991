import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { goQuote } from '../../../machinery/field-error.ts'
import type { ResourceSlice } from '../../types.generated.ts'
import { setTaintTime } from './type-defaults.ts'
import { validateResourceSlice } from './resource-slice-validation.ts'

export const resourceSlices = defineKind<ResourceSlice>(
  { group: 'resource.k8s.io', version: 'v1', kind: 'ResourceSlice' },
  {
    allowUnconditionalUpdate: true,
    returnsDeletedObject: true,
    setDefaults({ spec }, now) {
      for (const { taints } of spec.devices ?? []) for (const taint of taints ?? []) setTaintTime(taint, now)
    },
    generation: true,
    countsDropped: true,
    validate: (object, { enabled }) => validateResourceSlice(object, undefined, enabled),
    validateUpdate: (object, old, { enabled }) => validateResourceSlice(object, old, enabled),
    warnings: ({ spec }) =>
      spec.driver === spec.driver.toLowerCase()
        ? []
        : [`spec.driver: driver names should be lowercase; ${goQuote(spec.driver)} contains uppercase characters`],
    hidesNamespaceField: true,
    unknownField: (field, apiVersion) => `field label not supported for ${apiVersion}, Kind=ResourceSlice: ${field}`,
    selectableFieldNames: ['spec.nodeName', 'spec.driver', 'spec.pool.name'],
    selectableFields: ({ spec }) => ({
      'spec.nodeName': spec.nodeName ?? '',
      'spec.driver': spec.driver,
      'spec.pool.name': spec.pool.name,
    }),
    columns: [
      nameColumn,
      column('Node', 'string', ({ spec }) => spec.nodeName ?? ''),
      column('Driver', 'string', ({ spec }) => spec.driver),
      column('Pool', 'string', ({ spec }) => spec.pool.name),
      ageColumn,
    ],
  },
)
