import { jsonEqual } from '../../../../machinery/json.ts'
import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
  CustomResourceSubresources,
  SelectableField,
} from '../../../types.generated.ts'
import { internalSchema, type Schema } from './schema/schema.ts'

/** What a version says of its resources. */
export interface VersionParts {
  readonly schema?: Schema
  readonly subresources?: CustomResourceSubresources
  readonly columns?: readonly CustomResourceColumnDefinition[]
  readonly selectableFields?: readonly SelectableField[]
}

/**
 * The spec as upstream's internal type has it, in whose terms errors are told: what all versions say alike is said once,
 * by the spec (apiextensions-apiserver pkg/apis/apiextensions/v1/conversion.go).
 */
export interface InternalSpec {
  readonly common: VersionParts
  readonly versions: readonly (VersionParts & Pick<CustomResourceDefinitionVersion, 'name' | 'served' | 'storage'>)[]
}

const members = ['schema', 'subresources', 'columns', 'selectableFields'] as const

export function internalForm({ versions }: CustomResourceDefinitionSpec): InternalSpec {
  const all = (versions ?? []).map((version) => ({
    name: version.name ?? '',
    served: version.served,
    storage: version.storage,
    schema: version.schema?.openAPIV3Schema,
    subresources: version.subresources,
    columns: version.additionalPrinterColumns,
    selectableFields: version.selectableFields,
  }))
  const [first] = all
  const alike = members.filter((member) => all.every((version) => jsonEqual(version[member], first?.[member])))
  const parts = (of: VersionParts | undefined, keep: (member: (typeof members)[number]) => boolean): VersionParts =>
    Object.fromEntries(members.filter(keep).map((member) => [member, of?.[member]]))
  return {
    common: parts(first, (member) => alike.includes(member)),
    versions: all.map((version) => ({
      name: version.name,
      served: version.served,
      storage: version.storage,
      ...parts(version, (member) => !alike.includes(member)),
    })),
  }
}

/** The versions as the internal type prints them. */
export function printedVersions(spec: CustomResourceDefinitionSpec, form: InternalSpec): unknown {
  if (!spec.versions) return null
  return form.versions.map((version, index) => {
    const { deprecated = false, deprecationWarning = null } = spec.versions[index]!
    const { subresources, columns, selectableFields } = version
    return {
      Name: version.name,
      Served: version.served,
      Storage: version.storage,
      Deprecated: deprecated,
      DeprecationWarning: deprecationWarning,
      Schema: version.schema ? { OpenAPIV3Schema: internalSchema(version.schema) } : null,
      Subresources: subresources ? printedSubresources(subresources) : null,
      AdditionalPrinterColumns:
        columns?.map((column) => ({
          Name: column.name,
          Type: column.type,
          Format: column.format ?? '',
          Description: column.description ?? '',
          Priority: column.priority ?? 0,
          JSONPath: column.jsonPath,
        })) ?? null,
      SelectableFields: selectableFields?.map(({ jsonPath }) => ({ JSONPath: jsonPath })) ?? null,
    }
  })
}

function printedSubresources({ status, scale }: CustomResourceSubresources): unknown {
  return {
    Status: status ? {} : null,
    Scale: scale
      ? {
          SpecReplicasPath: scale.specReplicasPath,
          StatusReplicasPath: scale.statusReplicasPath,
          LabelSelectorPath: scale.labelSelectorPath ?? null,
        }
      : null,
  }
}
