import { defineKind } from '../../define-kind.ts'
import type { Service } from '../../types.generated.ts'
import { serviceColumns } from './service/columns.ts'
import { setServiceDefaults } from './service/defaults.ts'
import { dropTypeDependentFields } from './service/type-dependent-fields.ts'

export const services = defineKind<Service>(
  { group: '', version: 'v1', kind: 'Service' },
  {
    nameRule: 'dns1123Label',
    generation: false,
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: true,
    returnsDeletedObject: true,
    setDefaults: setServiceDefaults,
    prepareForUpdate: dropTypeDependentFields,
    columns: serviceColumns,
    selectableFieldNames: ['spec.clusterIP', 'spec.type'],
    selectableFields: ({ spec }) => ({ 'spec.clusterIP': spec?.clusterIP ?? '', 'spec.type': spec?.type ?? '' }),
  },
)
