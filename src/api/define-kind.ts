import type { Schema } from '../machinery/schema/schema.ts'
import type { FieldError } from '../machinery/field-error.ts'
import type { KubeObject } from '../machinery/meta/object.ts'
import { apiVersionOf, parseApiVersion } from '../machinery/meta/object.ts'
import { setDefaults } from '../machinery/schema/default.ts'
import type {
  KindRules,
  ResourceDefinition,
  RuleContext,
  SubresourceDefinition,
  SubresourceRules,
} from './definition.ts'
import { defaultFeatureGates, type FeatureEnabled } from './features/feature-gates.ts'
import { kubernetesFinalizerName } from './object-metadata.ts'
import { addVersion } from './kind-versions.ts'
import { storedUnder } from './stored-under.ts'
import { typeDefaults } from './type-defaults.ts'
import {
  declaredByDefault,
  declaredValidation,
  withDeclared,
  type DeclaredValidation,
} from './schema/declared-rules.ts'
import { factsOfKind, schemaOfKind, servedByDefault, type ResourceFacts } from './schema/facts.ts'

/**
 * Declares a built-in kind: names, verbs, subresources, schema and place in the store come from the facts table, the
 * rest from `rules`. Throws when upstream has no such kind.
 */
export function defineKind<T extends KubeObject>(
  kind: KindName,
  rules: KindRules<T> = {},
  declaredTable = declaredByDefault,
): ResourceDefinition<T> {
  const facts = factsOf(kind)
  const { group, version } = facts
  const written = lenientGroups.has(group) ? rules : { ...rules, ...withFinalizerNames(rules) }
  const declared = declaredValidation(declaredTable, group, version, facts.kind)
  const olderVersion = olderStorageVersion(facts)
  const schemaOf = () => schemaOfKind(group, version, facts.kind)!
  return ofFacts(facts, storageVersionOf(facts), {
    ...(facts.returnsDeleted && { returnsDeletedObject: true }),
    ...written,
    ...(declared && withDeclaredRules(written, declared)),
    setDefaults(draft, now, enabled = defaultFeatureGates.enabled) {
      rules.setDefaults?.(draft, now, enabled)
      setDefaults(draft as unknown as Record<string, unknown>, schemaOf(), typeDefaults)
    },
    ...(olderVersion !== undefined && { storedForm: storedUnder(olderVersion, apiVersionOf(facts), schemaOf) }),
  })
}

export interface KindName {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** Throws when upstream has no such kind. */
export function factsOf(kind: KindName): ResourceFacts {
  const facts = factsOfKind(kind.group, kind.version, kind.kind)
  if (!facts) throw new Error(`upstream has no kind ${kind.kind} in ${apiVersionOf(kind)}`)
  return facts
}

/** A definition of what the facts table knows, with these rules. */
export function ofFacts<T extends KubeObject>(
  facts: ResourceFacts,
  storageVersion: string,
  rules: KindRules<T>,
): ResourceDefinition<T> {
  const { group, version } = facts
  let schema: Schema | undefined
  const definition: ResourceDefinition<T> = {
    group,
    version,
    kind: facts.kind,
    resource: facts.resource,
    namespaced: facts.namespaced,
    listKind: `${facts.kind}List`,
    singular: facts.singular,
    shortNames: facts.shortNames ?? [],
    categories: facts.categories ?? [],
    verbs: facts.verbs,
    get schema() {
      return (schema ??= schemaOfKind(group, version, facts.kind)!)
    },
    subresources: subresourcesOf(facts),
    storageVersion,
    storagePrefix: storagePrefixOf(group, facts.resource),
    rules,
    protobuf: true,
    ...(facts.deprecated !== undefined && {
      deprecation: `${apiVersionOf(facts)} ${facts.kind} is deprecated in ${facts.deprecated}`,
    }),
  }
  addVersion(definition as unknown as ResourceDefinition)
  return definition
}

/** Groups whose kinds ask nothing of finalizers beyond the machinery. */
const lenientGroups: ReadonlySet<string> = new Set([
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'policy',
])

/**
 * Adds what upstream's kinds ask of finalizers beyond the machinery: names without a domain are Kubernetes' own
 * (pkg/apis/core/validation ValidateObjectMeta).
 */
function withFinalizerNames<T extends KubeObject>(
  rules: KindRules<T>,
): Pick<KindRules<T>, 'validate' | 'validateUpdate' | 'subresources'> {
  if (rules.checksMetadata === true) return rules
  const subresources: Record<string, SubresourceRules<T>> = {}
  for (const [name, door] of Object.entries(rules.subresources ?? {})) {
    subresources[name] = door.validateUpdate
      ? {
          ...door,
          validateUpdate: (object, old, context) => [
            ...finalizerNames(object),
            ...(door.validateUpdate?.(object, old, context) ?? []),
          ],
        }
      : door
  }
  return {
    validate: (object, context) => [...finalizerNames(object), ...(rules.validate?.(object, context) ?? [])],
    validateUpdate: (object, old, context) => [
      ...finalizerNames(object),
      ...(rules.validateUpdate?.(object, old, context) ?? []),
    ],
    ...(rules.subresources && { subresources }),
  }
}

/** Adds the validation that is declared with the kind's types to what is written for it, at each door that asks it. */
function withDeclaredRules<T extends KubeObject>(
  rules: KindRules<T>,
  { doors, rules: declared }: DeclaredValidation,
): Pick<KindRules<T>, 'validate' | 'validateUpdate' | 'subresources'> {
  // Another version may have rules of its own, which see the object as that version has it.
  const enabledFor = ({ enabled }: RuleContext, old: T | undefined): FeatureEnabled =>
    rules.keepsFeature && old ? (feature) => enabled(feature) || rules.keepsFeature!(feature, old) : enabled
  const faults = (object: T, old: T | undefined, context: RuleContext): FieldError[] =>
    context.requested?.rules.declaredFaults?.(object, old, context) ?? declared(object, old, enabledFor(context, old))
  const ofUpdate = (door: Pick<SubresourceRules<T>, 'validateUpdate'>): Required<typeof door> => ({
    validateUpdate: (object, old, context) =>
      withDeclared(door.validateUpdate?.(object, old, context) ?? [], faults(object, old, context)),
  })
  const subresources = { ...rules.subresources }
  for (const name of doors)
    if (name !== '') subresources[name] = { ...subresources[name], ...ofUpdate(subresources[name] ?? {}) }
  return {
    validate: (object, context) =>
      withDeclared(rules.validate?.(object, context) ?? [], faults(object, undefined, context)),
    ...ofUpdate(rules),
    subresources,
  }
}

/** For kinds that check their metadata themselves. */
export function finalizerNames({ metadata }: KubeObject): FieldError[] {
  return (metadata.finalizers ?? []).flatMap((name, index) =>
    kubernetesFinalizerName(name, `metadata.finalizers[${index}]`),
  )
}

function subresourcesOf(facts: ResourceFacts): SubresourceDefinition[] {
  return (facts.subresources ?? []).map(([name, kind, verbs, apiVersion]) => {
    const { group, version } = apiVersion === undefined ? facts : parseApiVersion(apiVersion)
    return { name, kind, verbs, group, version }
  })
}

/** Of the versions that are served; see {@link olderStorageVersion}. */
function storageVersionOf(facts: ResourceFacts): string {
  return facts.storage === undefined || olderStorageVersion(facts) !== undefined ? apiVersionOf(facts) : facts.storage
}
/** The version that is stored though it is not served any more or not yet by default: for roll-backs to older releases. */
function olderStorageVersion({ storage }: ResourceFacts): string | undefined {
  if (storage === undefined) return undefined
  return servedByDefault(parseApiVersion(storage).version) ? undefined : storage
}

/** Where upstream's layout differs from the plural (pkg/kubeapiserver/default_storage_factory_builder.go). */
const specialPrefixes: Readonly<Record<string, string>> = {
  replicationcontrollers: 'controllers',
  endpoints: 'services/endpoints',
  nodes: 'minions',
  services: 'services/specs',
  'ingresses.networking.k8s.io': 'ingress',
}
/** Groups of servers of their own, which prefix the group (generic options SimpleRestOptionsFactory). */
const prefixedGroups: ReadonlySet<string> = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io'])

function storagePrefixOf(group: string, resource: string): string {
  if (prefixedGroups.has(group)) return `${group}/${resource}`
  return specialPrefixes[group === '' ? resource : `${resource}.${group}`] ?? resource
}
