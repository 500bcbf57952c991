import type { ObjectMeta } from '../../../machinery/meta/object.ts'
import { validateObjectMetaUpdate } from '../../../machinery/validation/object-meta.ts'
import { defineKind } from '../../define-kind.ts'
import { definitionColumns } from './columns.ts'
import { storedDefinition } from './stored-definition.ts'
import type { Draft } from '../../../machinery/json.ts'
import type { CustomResourceDefinition } from '../../types.generated.ts'
import {
  definitionNameFaults,
  validateDefinition,
  validateDefinitionStatus,
  validateDefinitionUpdate,
} from './custom-resource-definition/validation.ts'
import { definitionWarnings } from './custom-resource-definition/warnings.ts'

/** A version that was ever stored stays on record, until somebody has migrated what is left of it. */
function recordStoredVersion({ spec, status }: Draft<CustomResourceDefinition>): void {
  const storage = spec.versions?.find((version) => version.storage)?.name
  if (storage === undefined || status === undefined) return
  const stored = status.storedVersions ?? []
  if (!stored.includes(storage)) status.storedVersions = [...stored, storage]
}

const metadataFaults = (crd: CustomResourceDefinition, old: CustomResourceDefinition) =>
  validateObjectMetaUpdate(crd.metadata as ObjectMeta, old.metadata as ObjectMeta)

export const customResourceDefinitions = defineKind<CustomResourceDefinition>(
  { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition' },
  {
    setDefaults({ spec }) {
      const { names } = spec
      names.singular ||= (names.kind ?? '').toLowerCase()
      if (names.kind) names.listKind ||= `${names.kind}List`
      spec.conversion ??= { strategy: 'None' }
      const service = spec.conversion.webhook?.clientConfig?.service
      if (service !== undefined) service.port ??= 443
    },
    nameRule: (name, isPrefix, crd) => definitionNameFaults(name, isPrefix, crd as CustomResourceDefinition),
    columns: definitionColumns,
    nullForNoRows: true,
    storedForm: storedDefinition,
    prepareForCreate: recordStoredVersion,
    prepareForUpdate(draft) {
      if (draft.status !== undefined) draft.status = { ...draft.status }
      recordStoredVersion(draft)
    },
    repeatsFaults: true,
    validate: validateDefinition,
    validateUpdate: (crd, old) => [...metadataFaults(crd, old), ...validateDefinitionUpdate(crd, old)],
    warnings: definitionWarnings,
    subresources: {
      status: { validateUpdate: (crd, old) => [...metadataFaults(crd, old), ...validateDefinitionStatus(crd)] },
    },
  },
)
