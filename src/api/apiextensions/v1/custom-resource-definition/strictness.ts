import { jsonEqual } from '../../../../machinery/json.ts'
import type { JsonSchema } from '../../../../machinery/schema/values/json-schema.ts'
import type { CustomResourceDefinition, CustomResourceDefinitionSpec } from '../../../types.generated.ts'
import { hasKnownReview, validateCaBundle } from './conversion-validation.ts'
import { hasUnprunedDefaults } from './schema/default-validation.ts'
import { nonAtomicItems, validateKeyValues } from './schema/list-key-validation.ts'
import { schemaHas, type Schema } from './schema/schema.ts'
import { type SchemaStrictness, strictSchema } from './schema/schema-strictness.ts'
import { structuralFault } from './schema/structural-fault.ts'
import { validateStructural } from './schema/structural-validation.ts'
import { maxSelectableFields } from './version-validation.ts'

/** What is asked of a definition; an update does not ask for what the old one does not have either. */
export interface Strictness {
  readonly schema: SchemaStrictness
  readonly openApiSchema: boolean
  readonly immutableNames: boolean
  readonly knownReview: boolean
  readonly caBundle: boolean
  /** Versions whose schemas are as they were: what their rules cost is not asked again. */
  readonly unchangedVersions: ReadonlySet<string>
  /** Versions, '' for what all say alike, that may have too many selectable fields. */
  readonly tooManySelectable: ReadonlySet<string>
}

/** Before a definition is established its CA bundle may be wrong. */
export const strict: Strictness = {
  schema: strictSchema,
  openApiSchema: true,
  immutableNames: false,
  knownReview: true,
  caBundle: false,
  unchangedVersions: new Set(),
  tooManySelectable: new Set(),
}

const schemasOf = ({ versions }: CustomResourceDefinitionSpec): (Schema | undefined)[] =>
  (versions ?? []).map(({ schema }) => schema?.openAPIV3Schema)

/** validation.go ValidateCustomResourceDefinitionUpdate. */
export function strictnessOfUpdate(crd: CustomResourceDefinition, old: CustomResourceDefinition): Strictness {
  const schemas = schemasOf(old.spec)
  const oldHas = (test: (schema: Schema) => boolean) => schemas.some((schema) => schemaHas(schema, test))
  const isEstablished = conditionIsTrue(old, 'Established')
  const { conversion } = old.spec
  const reviews = conversion?.webhook?.conversionReviewVersions ?? []
  const caBundle = conversion?.webhook?.clientConfig?.caBundle
  return {
    schema: {
      structural: !schemas.some(isNonStructural),
      knownTypes: !oldHas(({ type }) => Boolean(type) && !knownTypes.includes(type!)),
      prunedDefaults: !schemas.some(
        (schema) => schema !== undefined && !isNonStructural(schema) && hasUnprunedDefaults(schema as JsonSchema),
      ),
      atomicSetItems: !oldHas((schema) => nonAtomicItems(schema, '').length > 0),
      completeKeys: !oldHas((schema) => validateKeyValues(schema, '').length > 0),
      stored: storedExpressionsOf(schemas),
      ruleCosts: true,
    },
    openApiSchema: schemas.every((schema) => schema !== undefined),
    immutableNames: isEstablished,
    knownReview: reviews.length === 0 || hasKnownReview(reviews),
    caBundle: isEstablished && (!caBundle || validateCaBundle(caBundle, '').length === 0),
    unchangedVersions: unchangedVersions(crd, old),
    tooManySelectable: tooManySelectable(crd, old),
  }
}

const knownTypes = ['string', 'number', 'integer', 'boolean', 'array', 'object']

function isNonStructural(schema: Schema | undefined): boolean {
  if (schema === undefined) return false
  return structuralFault(schema) !== undefined || validateStructural(schema, '').length > 0
}

function storedExpressionsOf(schemas: readonly (Schema | undefined)[]): SchemaStrictness['stored'] {
  const rules = new Set<string>()
  const messages = new Set<string>()
  for (const schema of schemas) {
    schemaHas(schema, (part) => {
      for (const { rule, messageExpression } of part['x-kubernetes-validations'] ?? []) {
        rules.add(rule)
        if (messageExpression) messages.add(messageExpression)
      }
      return false
    })
  }
  return { isStoredRule: (text) => rules.has(text), isStoredMessage: (text) => messages.has(text) }
}

function unchangedVersions(crd: CustomResourceDefinition, old: CustomResourceDefinition): Set<string> {
  const before = new Map((old.spec.versions ?? []).map(({ name, schema }) => [name, schema]))
  const unchanged = (crd.spec.versions ?? []).filter(
    ({ name, schema }) => before.has(name) && jsonEqual(schema, before.get(name)),
  )
  return new Set(unchanged.map(({ name }) => name))
}

function tooManySelectable(crd: CustomResourceDefinition, old: CustomResourceDefinition): Set<string> {
  const before = new Map((old.spec.versions ?? []).map(({ name, selectableFields }) => [name, selectableFields ?? []]))
  const kept = (crd.spec.versions ?? []).filter(({ name, selectableFields = [] }) => {
    const had = before.get(name) ?? []
    return had.length > maxSelectableFields && jsonEqual(selectableFields, had)
  })
  const names = new Set(kept.map(({ name }) => name))
  return kept.length === crd.spec.versions?.length ? names.add('') : names
}

export function conditionIsTrue(crd: CustomResourceDefinition, type: string): boolean {
  return crd.status?.conditions?.find((condition) => condition.type === type)?.status === 'True'
}
