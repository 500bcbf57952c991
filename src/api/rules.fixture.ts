import { deepFreeze, isObject, jsonClone } from '../machinery/json.ts'
import { errorText, fieldErrors, type FieldError } from '../machinery/field-error.ts'
import type { KubeObject } from '../machinery/meta/object.ts'
import { normalize } from '../machinery/schema/normalize.ts'
import type { ResourceDefinition, RuleContext } from './definition.ts'
import { defaultFeatureGates } from './features/feature-gates.ts'
import { dropDisabledFields } from './features/gated-fields.ts'

/** Runs the rules of a kind as the API server does, for tests: what it makes of an object, and what it says of it. */
export type Loose = Readonly<Record<string, unknown>>

const context: RuleContext = {
  now: Date.UTC(2026, 0, 2, 3, 4, 5),
  requestUser: { name: 'ann', groups: ['system:authenticated'] } as RuleContext['requestUser'],
  subresource: '',
  enabled: defaultFeatureGates.enabled,
}

/** The object as it would be stored: decoded, defaulted and prepared. Frozen. */
export function made<T extends KubeObject>(definition: ResourceDefinition<T>, object: Loose, as = context): T {
  const draft = decoded(definition, object, as)
  dropDisabledFields(definition.schema, as.enabled, draft)
  definition.rules.prepareForCreate?.(draft as never, as)
  return deepFreeze(draft) as unknown as T
}

function decoded(definition: ResourceDefinition, object: Loose, as: RuleContext): KubeObject {
  const draft = normalize(definition.schema, jsonClone(object)) as KubeObject
  definition.rules.setDefaults?.(draft as never, as.now, as.enabled)
  return draft
}

/** What is wrong with a new object, in words. */
export function faultsOf(definition: ResourceDefinition, object: Loose, as = context): string[] {
  const mine = made(definition, object, as)
  // Rules see objects as they are stored.
  const stored = definition.rules.conversion?.toStorage(mine) ?? mine
  const errors = definition.rules.validate?.(stored, as) ?? []
  return [...nameFaults(definition, mine), ...errors].map(errorText)
}

/** What the kind's own check says of the name. */
function nameFaults({ rules: { nameRule } }: ResourceDefinition, object: KubeObject): FieldError[] {
  const { name } = object.metadata
  if (typeof nameRule !== 'function' || name === undefined) return []
  return nameRule(name, false, object).map((text) => fieldErrors.invalid('metadata.name', name, text))
}

export function warningsOf(definition: ResourceDefinition, object: Loose): string[] {
  return definition.rules.warnings?.(made(definition, object), undefined) ?? []
}

/** What is wrong with a change of a stored object; `change` is merged into it. */
export function faultsOfChange(
  definition: ResourceDefinition,
  object: Loose,
  change: Loose,
  subresource = '',
): string[] {
  const as = { ...context, subresource }
  const old = made(definition, object)
  return faultsOfUpdate(definition, old as unknown as Loose, merged(old as unknown as Loose, change), as)
}

export function faultsOfUpdate(definition: ResourceDefinition, old: Loose, object: Loose, as = context): string[] {
  const before = deepFreeze(decoded(definition, old, as))
  const draft = decoded(definition, object, as)
  const rules = as.subresource === '' ? definition.rules : definition.rules.subresources?.[as.subresource]
  dropDisabledFields(definition.schema, as.enabled, draft, before, as.subresource)
  rules?.prepareForUpdate?.(draft as never, before as never, as)
  const errors = rules?.validateUpdate?.(deepFreeze(draft) as never, before as never, as) ?? []
  return errors.map(errorText)
}

/** `change` laid over `object`, member by member; undefined takes a member away, lists are replaced. */
export function merged(object: Loose, change: Loose): Loose {
  const result: Record<string, unknown> = { ...object }
  for (const [member, value] of Object.entries(change)) {
    const before = result[member]
    result[member] = isObject(value) && isObject(before) ? merged(before, value) : value
    if (value === undefined) delete result[member]
  }
  return result
}
