import { ageColumn, nameColumn } from '../../columns.ts'
import { defineKind } from '../../define-kind.ts'
import type { FieldError } from '../../../machinery/field-error.ts'
import { jsonEqual } from '../../../machinery/json.ts'
import { countsGeneration } from '../../object-metadata.ts'
import type { DeviceClass } from '../../types.generated.ts'
import { validateDeviceConfiguration, validateSelectors } from './device-claim-validation.ts'
import { checkItems } from './item-checks.ts'

const maxConfigs = 32

/** pkg/apis/resource/validation validateDeviceClassSpec. */
function validate({ spec }: DeviceClass, old?: DeviceClass): FieldError[] {
  const stored = (member: 'selectors' | 'config') => old !== undefined && jsonEqual(spec[member], old.spec[member])
  return [
    ...validateSelectors(spec.selectors, 'spec.selectors', stored('selectors')),
    ...checkItems(spec.config, 'spec.config', { max: maxConfigs, declared: true }, (each, at) =>
      validateDeviceConfiguration(each, at, stored('config')),
    ),
  ]
}

export const deviceClasses = defineKind<DeviceClass>(
  { group: 'resource.k8s.io', version: 'v1', kind: 'DeviceClass' },
  {
    ...countsGeneration<DeviceClass>('spec'),
    // Declared with the type.
    nameRule: 'any',
    allowUnconditionalUpdate: true,
    returnsDeletedObject: true,
    validate: (object) => validate(object),
    validateUpdate: (object, old) => validate(object, old),
    columns: [nameColumn, ageColumn],
  },
)
