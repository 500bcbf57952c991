import { ageColumn, column, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import type { VolumeAttributesClass } from '../../types.generated.ts'
import { validateAttributesClass, validateAttributesClassUpdate } from './volume-attributes-class-validation.ts'

export const volumeAttributesClasses = defineKind<VolumeAttributesClass>(
  { group: 'storage.k8s.io', version: 'v1', kind: 'VolumeAttributesClass' },
  {
    returnsDeletedObject: true,
    allowUnconditionalUpdate: true,
    validate: validateAttributesClass,
    validateUpdate: validateAttributesClassUpdate,
    columns: [nameColumn, column('DriverName', 'string', ({ driverName }) => driverName), ageColumn],
  },
)
