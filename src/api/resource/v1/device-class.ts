import { ageColumn, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import { countsGeneration } from '../../object-metadata.ts'
import type { DeviceClass } from '../../types.generated.ts'

export const deviceClasses = defineKind<DeviceClass>(
  { group: 'resource.k8s.io', version: 'v1', kind: 'DeviceClass' },
  {
    ...countsGeneration<DeviceClass>('spec'),
    allowUnconditionalUpdate: true,
    returnsDeletedObject: true,
    columns: [nameColumn, ageColumn],
  },
)
