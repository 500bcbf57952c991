import { defineKind } from '../../define-kind.ts'
import type { Service } from '../../types.generated.ts'
import { serviceColumns } from './service/columns.ts'
import { setServiceDefaults } from './service/defaults.ts'
import { dropTypeDependentFields } from './service/type-dependent-fields.ts'
import { validateServiceStatusUpdate, validateServiceUpdate } from './service/update-validation.ts'
import { validateService } from './service/validation.ts'
import { serviceWarnings } from './service/warnings.ts'

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
    validate: (service) => validateService(service),
    validateUpdate: validateServiceUpdate,
    warnings: serviceWarnings,
    columns: serviceColumns,
    selectableFieldNames: ['spec.clusterIP', 'spec.type'],
    selectableFields: ({ spec }) => ({ 'spec.clusterIP': spec?.clusterIP ?? '', 'spec.type': spec?.type ?? '' }),
    subresources: { status: { validateUpdate: validateServiceStatusUpdate } },
  },
)
