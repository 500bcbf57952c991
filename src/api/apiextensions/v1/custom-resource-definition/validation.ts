import { fieldErrors, type FieldError } from '../../../../machinery/field-error.ts'
import { dns1035Label, dns1123Subdomain } from '../../../../machinery/validation/dns-names.ts'
import { validateImmutable } from '../../../../machinery/validation/object-meta.ts'
import { nameChecks } from '../../../../machinery/validation/object-name.ts'
import { checkRequiredOneOf, requireAll } from '../../../field-checks.ts'
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
} from '../../../types.generated.ts'
import { validateApproval } from './api-approval.ts'
import { validateConversion } from './conversion-validation.ts'
import { type InternalSpec, internalForm, printedVersions } from './internal-form.ts'
import { validateNames } from './names-validation.ts'
import { schemaHas, type Schema } from './schema/schema.ts'
import type { SchemaStrictness } from './schema/schema-strictness.ts'
import { validateSchema } from './schema/schema-validation.ts'
import { structuralFault } from './schema/structural-fault.ts'
import { type Strictness, strict, strictnessOfUpdate } from './strictness.ts'
import {
  validateColumns,
  validateDeprecation,
  validateSelectableFields,
  validateSubresources,
} from './version-validation.ts'

/** A name that says what is defined; `isPrefix`: it will be completed. */
export function definitionNameFaults(name: string, isPrefix: boolean, { spec }: CustomResourceDefinition): string[] {
  const faults = nameChecks.dns1123Subdomain(name, isPrefix)
  if (name === `${spec.names?.plural ?? ''}.${spec.group ?? ''}`) return faults
  return [...faults, 'must be spec.names.plural+"."+spec.group']
}

/** CustomResourceDefinitions (apiextensions pkg/apis/apiextensions/validation/validation.go). */
export function validateDefinition(crd: CustomResourceDefinition): FieldError[] {
  return [
    ...validateSpec(crd.spec, strict),
    ...validateDefinitionStatus(crd),
    ...validateStoredVersions(crd),
    ...validateApproval(crd),
    ...validatePreservation(crd),
  ]
}

export function validateDefinitionUpdate(crd: CustomResourceDefinition, old: CustomResourceDefinition): FieldError[] {
  const { spec } = crd
  const strictness = strictnessOfUpdate(crd, old)
  const immutable = (now: unknown, before: unknown, field: string) => validateImmutable(now, before, `spec.${field}`)
  return [
    ...validateSpec(spec, strictness),
    ...(strictness.immutableNames
      ? [
          ...immutable(spec.scope, old.spec.scope, 'scope'),
          ...immutable(spec.names.kind, old.spec.names.kind, 'names.kind'),
        ]
      : []),
    ...immutable(spec.group, old.spec.group, 'group'),
    ...immutable(spec.names.plural, old.spec.names.plural, 'names.plural'),
    ...validateDefinitionStatus(crd),
    ...validateStoredVersions(crd),
    ...validateApproval(crd, old),
    ...(old.spec.preserveUnknownFields ? [] : validatePreservation(crd)),
  ]
}

export function validateDefinitionStatus({ status }: CustomResourceDefinition): FieldError[] {
  return validateNames(status?.acceptedNames ?? {}, 'status.acceptedNames')
}

function validateStoredVersions({ spec, status }: CustomResourceDefinition): FieldError[] {
  const stored = status?.storedVersions ?? []
  const field = 'status.storedVersions'
  if (stored.length === 0)
    return [fieldErrors.invalid(field, status?.storedVersions ?? null, 'must have at least one stored version')]
  const versions = spec.versions ?? []
  // A second version of one name finds what is stored taken by the first.
  const errors = versions
    .filter(({ name, storage }, index) => {
      const isFirst = versions.findIndex((version) => version.name === name) === index
      return storage && !(isFirst && stored.includes(name))
    })
    .map(({ name }) => fieldErrors.invalid(field, stored, `must have the storage version ${name}`))
  for (const [index, name] of stored.entries()) {
    if (versions.some((version) => version.name === name) || stored.lastIndexOf(name) > index) continue
    const detail = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`
    errors.push(fieldErrors.invalid(`${field}[${index}]`, name, detail))
  }
  return errors
}

function validatePreservation({ spec }: CustomResourceDefinition): FieldError[] {
  if (spec.preserveUnknownFields !== true) return []
  const detail =
    'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'
  return [fieldErrors.invalid('spec.preserveUnknownFields', true, detail)]
}

function validateSpec(spec: CustomResourceDefinitionSpec, strictness: Strictness): FieldError[] {
  const form = internalForm(spec)
  const versions = spec.versions ?? []
  const { names = {} as CustomResourceDefinitionSpec['names'], conversion, preserveUnknownFields = false } = spec
  const rules = { ...strictness.schema, structural: strictness.schema.structural || mustBeStructural(spec) }
  const errors = [
    ...validateGroup(spec.group),
    ...checkRequiredOneOf(spec.scope, 'spec.scope', ['Cluster', 'Namespaced']),
    ...validateSchemaPresence(form, preserveUnknownFields, strictness.openApiSchema),
  ]
  if (preserveUnknownFields && hasDefaults(spec))
    errors.push(
      fieldErrors.invalid('spec.preserveUnknownFields', true, 'must be false in order to use defaults in the schema'),
    )
  for (const [index, version] of versions.entries())
    errors.push(...validateVersion(version, form, index, rules, strictness))
  const unlike = (detail: string) =>
    errors.push(fieldErrors.invalid('spec.versions', printedVersions(spec, form), detail))
  if (new Set(versions.map(({ name }) => name)).size < versions.length) unlike('must contain unique version names')
  if (versions.filter(({ storage }) => storage).length !== 1)
    unlike('must have exactly one version marked as storage version')
  const first = versions[0]?.name
  if (first) {
    const faults = dns1035Label(first)
    if (faults.length > 0) errors.push(fieldErrors.invalid('spec.version', first, faults.join(',')))
  }
  errors.push(...requireAll(names, 'spec.names', 'plural', 'singular', 'kind', 'listKind'))
  errors.push(...validateNames(names, 'spec.names'))
  errors.push(...validateCommon(form, first ?? '', rules, strictness))
  if (conversion && conversion.strategy !== 'None' && preserveUnknownFields) {
    const detail = 'must be None if spec.preserveUnknownFields is true'
    errors.push(fieldErrors.invalid('spec.conversion.strategy', conversion.strategy, detail))
  }
  if (conversion) errors.push(...validateConversion(conversion, 'spec.conversion', strictness))
  return errors
}

function validateGroup(group: string | undefined): FieldError[] {
  if (!group) return [fieldErrors.required('spec.group')]
  const faults = dns1123Subdomain(group)
  if (faults.length > 0) return [fieldErrors.invalid('spec.group', group, faults.join(','))]
  return group.includes('.')
    ? []
    : [fieldErrors.invalid('spec.group', group, 'should be a domain with at least one dot')]
}

function validateSchemaPresence(form: InternalSpec, preserves: boolean, required: boolean): FieldError[] {
  if (form.common.schema !== undefined || (!required && preserves)) return []
  const detail = required ? '' : 'because otherwise all fields are pruned'
  return form.versions.flatMap(({ schema, served }, index) =>
    schema === undefined && (required || served)
      ? [fieldErrors.required(`spec.versions[${index}].schema.openAPIV3Schema`, detail)]
      : [],
  )
}

const someSchemaHas = ({ versions }: CustomResourceDefinitionSpec, test: (schema: Schema) => boolean): boolean =>
  (versions ?? []).some(({ schema }) => schemaHas(schema?.openAPIV3Schema, test))
const hasDefaults = (spec: CustomResourceDefinitionSpec): boolean =>
  someSchemaHas(spec, (schema) => (schema.default ?? undefined) !== undefined)

/** Pruning, defaults and Kubernetes' additions to schemas need structural ones. */
function mustBeStructural(spec: CustomResourceDefinitionSpec): boolean {
  if (spec.preserveUnknownFields !== true || hasDefaults(spec)) return true
  return someSchemaHas(
    spec,
    (schema) =>
      schema['x-kubernetes-embedded-resource'] === true ||
      schema['x-kubernetes-preserve-unknown-fields'] !== undefined ||
      schema['x-kubernetes-int-or-string'] === true ||
      (schema['x-kubernetes-list-map-keys'] ?? []).length > 0 ||
      schema['x-kubernetes-list-type'] !== undefined ||
      (schema['x-kubernetes-validations'] ?? []).length > 0,
  )
}

function validateVersion(
  { name = '', deprecated = false, deprecationWarning }: CustomResourceDefinitionVersion,
  form: InternalSpec,
  index: number,
  rules: SchemaStrictness,
  strictness: Strictness,
): FieldError[] {
  const field = `spec.versions[${index}]`
  const { schema, subresources, columns, selectableFields = [] } = form.versions[index]!
  const faults = dns1035Label(name)
  const errors = faults.length > 0 ? [fieldErrors.invalid(`${field}.name`, name, faults.join(','))] : []
  errors.push(...validateDeprecation(deprecated, deprecationWarning, `${field}.deprecationWarning`))
  const hasStatus = (subresources ?? form.common.subresources)?.status !== undefined
  errors.push(...validateSchema(schema, `${field}.schema`, hasStatus, costsOf(rules, name, strictness)))
  errors.push(...validateSubresources(subresources, `${field}.subresources`))
  errors.push(...validateColumns(columns, `${field}.additionalPrinterColumns`))
  if (selectableFields.length === 0) return errors
  if (schema === undefined) {
    const detail = 'may only be set when `version.schema.openAPIV3Schema` is not included'
    return [...errors, fieldErrors.invalid(`${field}.selectableFields`, '', detail)]
  }
  const fault = structuralFault(schema)
  if (fault !== undefined) errors.push(fieldErrors.invalid(`${field}.schema.openAPIV3Schema`, '', fault))
  const allowTooMany = strictness.tooManySelectable.has(name)
  errors.push(...validateSelectableFields(selectableFields, schema, `${field}.selectableFields`, allowTooMany))
  return errors
}

function costsOf(rules: SchemaStrictness, version: string, { unchangedVersions }: Strictness): SchemaStrictness {
  return unchangedVersions.has(version) ? { ...rules, ruleCosts: false } : rules
}

/** What all versions say alike. */
function validateCommon(
  { common, versions }: InternalSpec,
  firstVersion: string,
  rules: SchemaStrictness,
  strictness: Strictness,
): FieldError[] {
  const { schema, subresources, columns, selectableFields = [] } = common
  const hasStatus = [common, ...versions].some((part) => part.subresources?.status !== undefined)
  const errors = [
    ...validateSchema(schema, 'spec.validation', hasStatus, costsOf(rules, firstVersion, strictness)),
    ...validateSubresources(subresources, 'spec.subresources'),
    ...validateColumns(columns, 'spec.additionalPrinterColumns'),
  ]
  if (selectableFields.length === 0) return errors
  if (schema === undefined) {
    const detail = 'may only be set when validations.schema is included'
    return [...errors, fieldErrors.invalid('spec.selectableFields', '', detail)]
  }
  const fault = structuralFault(schema)
  if (fault !== undefined) errors.push(fieldErrors.invalid('spec.schema.openAPIV3Schema', '', fault))
  const allowTooMany = strictness.tooManySelectable.has('')
  return [...errors, ...validateSelectableFields(selectableFields, schema, 'spec.selectableFields', allowTooMany)]
}
