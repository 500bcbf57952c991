import type { ResourceDefinition, RuleContext } from '../../api/definition.ts'
import { dropDisabledFields } from '../../api/features/gated-fields.ts'
import { isDeclared } from '../../api/schema/declared-rules.ts'
import { badRequest, invalid } from '../../machinery/errors.ts'
import { errorText, type FieldError } from '../../machinery/field-error.ts'
import { emptiedAt } from '../../machinery/emptied.ts'
import { jsonClone, jsonEqual, type Draft } from '../../machinery/json.ts'
import { parseApiVersion, type GroupKind, type KubeObject } from '../../machinery/meta/object.ts'
import { zeroObject } from '../../machinery/patch/apply/object-type.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from '../../machinery/validation/object-meta.ts'
import { nameChecks, type NameCheck } from '../../machinery/validation/object-name.ts'

type Members = Record<string, unknown>

/** Prepares a new object (apiserver pkg/registry/rest/create.go, BeforeCreate). */
export function prepareCreate(definition: ResourceDefinition, draft: Draft<KubeObject>, context: RuleContext): void {
  const { rules } = definition
  if (countsGenerations(definition, context)) draft.metadata.generation = 1
  if (hasStatus(definition) && rules.statusOnCreate !== true) {
    const { status } = zeroObject(definition.schema)
    setOrDelete(draft as unknown as Members, 'status', jsonClone(status))
  }
  dropDisabledFields(definition.schema, context.enabled, draft)
  rules.prepareForCreate?.(draft, context)
}

/** Checks a new object; `faults` are those that others found. Answers warnings, throws Invalid. */
export function checkCreate(
  definition: ResourceDefinition,
  object: KubeObject,
  context: RuleContext,
  faults: readonly FieldError[] = [],
): string[] {
  const { rules } = definition
  const nameCheck = nameCheckOf(definition, object)
  const metadataFaults = (check: NameCheck) =>
    validateObjectMeta(object.metadata, { namespaced: definition.namespaced, nameCheck: check })
  const errors = [...faults, ...(rules.checksMetadata === true ? [] : metadataFaults(nameCheck))]
  errors.push(...(rules.validate?.(object, context) ?? []))
  // What no kind may be called, for kinds that say nothing of names.
  if (errors.length === 0 && (rules.nameRule === 'any' || rules.checksMetadata === true)) {
    errors.push(...metadataFaults(nameChecks.pathSegment))
  }
  refuse(definition, object, errors)
  return rules.warnings?.(object, undefined) ?? []
}

/** What several checks find is told once, but for kinds without declarative rules of upstream's. */
function refuse(definition: ResourceDefinition, object: KubeObject, errors: readonly FieldError[]): void {
  if (errors.length === 0) return
  const shown = errors.map((error) => shownAsSaid(error, object))
  const texts = shown.map(errorText)
  const told = shown.filter((_, index) => {
    const first = texts.indexOf(texts[index]!)
    // Each finding of a declared rule is one of its own.
    return first === index || (isDeclared(errors[index]!) && isDeclared(errors[first]!))
  })
  const all = definition.rules.repeatsFaults === true
  throw invalid(kindOf(definition, object), object.metadata.name ?? '', all ? shown : told)
}

/** Custom resources are what they say. */
function kindOf(definition: ResourceDefinition, { kind, apiVersion }: KubeObject): GroupKind {
  if (definition.protobuf || kind === undefined) return definition
  return { group: parseApiVersion(apiVersion ?? '').group, kind }
}

/** A rule that refuses what is not there may refuse what was said to be empty. */
function shownAsSaid(error: FieldError, object: KubeObject): FieldError {
  const { badValue } = error
  if (badValue !== undefined && badValue !== null) return error
  return { ...error, badValue: emptiedAt(object, error.field) }
}

/** Prepares the new state of an object (update.go, BeforeUpdate). */
export function prepareUpdate(
  definition: ResourceDefinition,
  draft: Draft<KubeObject>,
  old: KubeObject,
  context: RuleContext,
): void {
  const { metadata } = draft
  setOrDelete(metadata as Members, 'generation', old.metadata.generation)
  prepareForUpdate(definition, draft, old, context)
  metadata.uid ||= old.metadata.uid
  if (old.metadata.creationTimestamp) metadata.creationTimestamp = old.metadata.creationTimestamp
  if (old.metadata.deletionTimestamp) metadata.deletionTimestamp = old.metadata.deletionTimestamp
  metadata.deletionGracePeriodSeconds ??= old.metadata.deletionGracePeriodSeconds
}

/** Checks the new state of an object against the old; otherwise as {@link checkCreate}. */
export function checkUpdate(
  definition: ResourceDefinition,
  object: KubeObject,
  old: KubeObject,
  context: RuleContext,
  faults: readonly FieldError[] = [],
): string[] {
  const { rules } = definition
  const nameCheck = nameChecks.pathSegment
  const errors = [...faults, ...validateObjectMeta(object.metadata, { namespaced: definition.namespaced, nameCheck })]
  errors.push(...validateObjectMetaUpdate(object.metadata, old.metadata))
  const validate =
    context.subresource === '' ? rules.validateUpdate : rules.subresources?.[context.subresource]?.validateUpdate
  errors.push(...(validate?.(object, old, context) ?? []))
  refuse(definition, object, errors)
  return context.subresource === '' ? (rules.warnings?.(object, old) ?? []) : []
}

/**
 * What every kind has in common: the main resource leaves status alone, `status` leaves everything else alone, and a
 * changed spec counts up the generation. The kind's own rule has the last word.
 */
function prepareForUpdate(
  definition: ResourceDefinition,
  draft: Draft<KubeObject>,
  old: KubeObject,
  context: RuleContext,
): void {
  const { rules } = definition
  const { subresource } = context
  const members = draft as unknown as Members
  const before = old as unknown as Members
  const dropDisabled = () => dropDisabledFields(definition.schema, context.enabled, draft, old, subresource)
  if (subresource === 'status') {
    for (const member of new Set([...Object.keys(members), ...Object.keys(before)])) {
      if (member === 'status' || member === 'metadata' || member === 'kind' || member === 'apiVersion') continue
      setOrDelete(members, member, before[member])
    }
    dropDisabled()
    rules.subresources?.['status']?.prepareForUpdate?.(draft, old, context)
    return
  }
  if (subresource !== '') {
    dropDisabled()
    prepareOther(definition, draft, old, context)
    return
  }
  if (hasStatus(definition)) setOrDelete(members, 'status', before['status'])
  const wasChanged = rules.countsDropped === true && !jsonEqual(members['spec'], before['spec'])
  dropDisabled()
  rules.prepareForUpdate?.(draft, old, context)
  if (countsGenerations(definition, context) && (wasChanged || !jsonEqual(members['spec'], before['spec']))) {
    draft.metadata.generation = (old.metadata.generation ?? 0) + 1
  }
}

/** A door that the kind has no rule for changes metadata only; namespaces are let go by their `finalize`. */
function prepareOther(
  definition: ResourceDefinition,
  draft: Draft<KubeObject>,
  old: KubeObject,
  context: RuleContext,
): void {
  const { subresource } = context
  const rule = definition.rules.subresources?.[subresource]
  if (rule?.prepareForUpdate !== undefined) {
    rule.prepareForUpdate(draft, old, context)
    return
  }
  const members = draft as unknown as Members
  const before = old as unknown as Members
  for (const member of new Set([...Object.keys(members), ...Object.keys(before)])) {
    if (member === 'metadata' || (subresource === 'finalize' && member === 'spec')) continue
    setOrDelete(members, member, before[member])
  }
}

function setOrDelete(members: Members, member: string, value: unknown): void {
  if (value === undefined) delete members[member]
  else members[member] = value
}

export function hasStatus(definition: ResourceDefinition): boolean {
  return definition.subresources.some((subresource) => subresource.name === 'status')
}

function countsGenerations(definition: ResourceDefinition, { enabled }: RuleContext): boolean {
  const { generation } = definition.rules
  if (typeof generation === 'string') return enabled(generation)
  return generation ?? (hasStatus(definition) && definition.schema.properties?.has('spec') === true)
}

function nameCheckOf(definition: ResourceDefinition, object: KubeObject): NameCheck {
  const rule = definition.rules.nameRule ?? 'dns1123Subdomain'
  return typeof rule === 'function' ? (name, isPrefix) => rule(name, isPrefix, object) : nameChecks[rule]
}

/** metadata that only the server sets (apiserver pkg/registry/rest/meta.go, WipeObjectMetaSystemFields). */
export function wipeSystemMetadata(draft: Draft<KubeObject>): void {
  const { metadata } = draft
  delete metadata.creationTimestamp
  delete metadata.uid
  delete metadata.deletionTimestamp
  delete metadata.deletionGracePeriodSeconds
  delete metadata.selfLink
}

/** The object's namespace becomes the request's; another one is refused. `namespace` '' for cluster-scoped kinds. */
export function ensureNamespace(draft: Draft<KubeObject>, namespace: string): void {
  const present = draft.metadata.namespace ?? ''
  if (present === namespace) return
  if (present !== '' && namespace !== '') {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
  if (namespace === '') delete draft.metadata.namespace
  else draft.metadata.namespace = namespace
}
