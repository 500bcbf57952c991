import type { FieldError } from '../machinery/field-error.ts'
import type { Draft, JsonObject } from '../machinery/json.ts'
import type { GroupResource, KubeObject } from '../machinery/meta/object.ts'
import type { Schema } from '../machinery/schema/schema.ts'
import type { FeatureEnabled } from './features/feature-gates.ts'
import type { UserInfo } from './user.ts'

/** The verbs of a resource, as discovery lists them. */
export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch'

/** What a client needs to address a kind; every definition is one. `T` is a phantom: the type of its objects. */
export interface ResourceRef<T extends KubeObject = KubeObject> {
  readonly group: string
  readonly version: string
  readonly kind: string
  /** The plural name in paths: `deployments`. */
  readonly resource: string
  readonly namespaced: boolean
  readonly __object?: T
}

/** A column of `kubectl get` (metav1.TableColumnDefinition without its description). */
export interface Column<T extends KubeObject = KubeObject> {
  readonly name: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  readonly format?: string
  /** 0: always shown; 1: with `-o wide`. */
  readonly priority: number
  readonly description: string
  /** Rows have its cell, though the table does not tell of the column (as upstream's printer of the kind has it). */
  readonly undeclared?: true
  /** The cell, for a row of the table; `now` in epoch milliseconds, for ages. */
  cell(object: T, now: number): unknown
}

export interface RowCondition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason?: string
  readonly message?: string
}

/** The name of a feature gate. */
export type FeatureName = string

/** What a rule may know beside the object. */
export interface RuleContext {
  /** Epoch milliseconds. */
  readonly now: number
  readonly requestUser: UserInfo
  /** '' for the main resource, else 'status', 'scale', … */
  readonly subresource: string
  /** Whether a feature of upstream's is on. */
  readonly enabled: FeatureEnabled
  /** The version of the request, where it is not the one whose rules hold. */
  readonly requested?: ResourceDefinition
}

/**
 * What a kind adds to what is derived from its schema. All of it pure; drafts are private to the request and may be
 * changed in place. Order for a create: default → prepareForCreate → validate; for an update: default →
 * prepareForUpdate → validateUpdate (which includes validate of the new state). Written as methods, so that a list may
 * hold the definitions of all kinds.
 */
export interface KindRules<T extends KubeObject = KubeObject> {
  /** Custom resources: takes out what the schema does not name, and answers the paths of that, sorted. */
  prune?(draft: Record<string, unknown>): string[]
  /**
   * Defaults that the schema's own `default`s do not give (upstream: pkg/apis/<group>/<version>/defaults.go). `now` in
   * epoch milliseconds, where a client's object is read for the first time; `enabled`: the server's features, without
   * which they are taken as released.
   */
  setDefaults?(draft: Draft<T>, now?: number, enabled?: FeatureEnabled): void
  /**
   * Defaults that follow from what preparation set, or from what storing loses: upstream gives them when it reads the
   * stored object. Answers whether it set any.
   */
  setDefaultsOnRead?(object: Draft<T>): boolean
  /** Clears what a client may not set, e.g. status (upstream: the strategy's PrepareForCreate). */
  prepareForCreate?(draft: Draft<T>, context: RuleContext): void
  prepareForUpdate?(draft: Draft<T>, old: T, context: RuleContext): void
  /** Upstream's validation, its words and its order; metadata is checked by the machinery, before. */
  validate?(object: T, context: RuleContext): FieldError[]
  validateUpdate?(object: T, old: T, context: RuleContext): FieldError[]
  warnings?(object: T, old: T | undefined): string[]
  /** Told of the object as it is stored, where {@link conversion} says that this is another version. */
  readonly columns?: readonly Column<T>[]
  /** The order of a table's rows, where it is not that of the list. */
  compareRows?(a: T, b: T): number
  /** Without objects its table has null for rows; kinds without columns of their own have that, too. */
  readonly nullForNoRows?: true
  /** metav1.TableRow's conditions: what a client may want to know of a row without its object. */
  rowConditions?(object: T): readonly RowCondition[]
  /** Fields that a field selector may name beside metadata.name and metadata.namespace, with their values. */
  selectableFields?(object: T): Readonly<Record<string, string>>
  readonly selectableFieldNames?: readonly string[]
  /** What is said of a field that is none of them, where it is not the usual. */
  unknownField?(field: string, apiVersion: string): string
  /** `metadata.namespace` is not among them. */
  readonly hidesNamespaceField?: boolean
  /** Old names of selectable fields: `{'spec.host': 'spec.nodeName'}`. */
  readonly fieldAliases?: Readonly<Record<string, string>>
  /** How a name is checked: default 'dns1123Subdomain'. */
  readonly nameRule?: NameRule
  /** `validate` says what is checked of metadata, and when; only what no object may be called is asked after it. */
  readonly checksMetadata?: boolean
  /** What several checks find is told as often as it is found: no declarative rules take upstream's repetitions away. */
  readonly repeatsFaults?: boolean
  /** What is said of every body that cannot be read, where upstream cannot say more. */
  readonly unreadable?: string
  /** PUT of a name that does not exist creates it. */
  readonly allowCreateOnUpdate?: boolean
  /** Upstream keeps no watch cache of it, so that reads know no "any version will do" and no waiting for one to come. */
  readonly withoutWatchCache?: boolean
  /** PUT without resourceVersion is taken. */
  readonly allowUnconditionalUpdate?: boolean
  /** Whether spec changes count up metadata.generation (default: true where the kind has both spec and status), or the feature that makes it so. */
  readonly generation?: boolean | FeatureName
  /** Generations count what a client changes, be it dropped then because a feature is off. */
  readonly countsDropped?: true
  /** An annotation that stands for a field of upstream's internal type, which metadata shown alone does not have. */
  readonly fieldAnnotation?: string
  /** A create may bring a status; else it is emptied (default: emptied where /status exists). */
  readonly statusOnCreate?: boolean
  /** Fields that the main resource resets, so that nobody owns them by it (default: status; upstream: GetResetFields). */
  readonly resetFields?: readonly (readonly string[])[]
  /** Whether the update says only that somebody lives, and nobody decides by the time in it: the next one makes up for its loss. */
  isHeartbeat?(object: T, old: T): boolean
  /** Seconds of grace for a deletion (pods); undefined: immediate. */
  gracefulDeletion?(object: T, requestedSeconds: number | undefined): number | undefined
  /** What becomes of dependents unless the request says so; `unsupported`: there are none, whatever it says. */
  readonly defaultDeletionPolicy?: 'background' | 'orphan' | 'unsupported'
  /** Tells those who delete without saying what becomes of the dependents. */
  readonly deletionWarning?: string
  /** DELETE answers with the object rather than with a Status (the registry store's ReturnDeletedObject). */
  readonly returnsDeletedObject?: boolean
  /** Where a custom resource keeps what its /scale shows: JSON paths with their leading dot. */
  readonly scale?: {
    readonly specReplicasPath: string
    readonly statusReplicasPath: string
    readonly labelSelectorPath?: string
  }
  readonly subresources?: Readonly<Record<string, SubresourceRules<T>>>
  /** The feature that must be on for the kind to be served. */
  readonly featureGate?: string
  /** Whether declared rules take a feature for on because the old object uses it. */
  keepsFeature?(feature: FeatureName, old: T): boolean
  /** What is declared with the types of another version than that whose rules hold, of whose objects it is asked. */
  declaredFaults?(object: T, old: T | undefined, context: RuleContext): FieldError[]
  /** Conversion to and from the version whose rules hold, for kinds served in more than one version. */
  readonly conversion?: {
    toStorage(object: T): KubeObject
    fromStorage(stored: KubeObject): T
  }
  /** For custom resources, whose objects lie there in whatever version was current when they were written. */
  readonly storedForm?: StoredForm
}

/**
 * How objects of a version are read from, and written as, what is stored. The storage does it, so that all who ask the
 * registry see objects of that version alone.
 */
export interface StoredForm {
  /** The object in this version: the same one when nothing is to be done; undefined when only `readAll` can tell. */
  read(stored: KubeObject): KubeObject | undefined
  /** For objects of which `read` cannot tell: asks whoever converts. Throws ApiError. */
  readAll(stored: readonly KubeObject[]): Promise<readonly KubeObject[]>
  /** The object in the version that is stored today. Throws ApiError. */
  write(object: KubeObject): Promise<KubeObject> | KubeObject
  /** The object in any version of the kind, and that version's schema; undefined when it takes a webhook to know. */
  inVersion(
    object: KubeObject,
    apiVersion: string,
  ): { readonly object: KubeObject; readonly schema: Schema } | undefined
}

/** `status`, `scale` and others that read and write a part of the same stored object. */
export interface SubresourceRules<T extends KubeObject = KubeObject> {
  prepareForUpdate?(draft: Draft<T>, old: T, context: RuleContext): void
  validateUpdate?(object: T, old: T, context: RuleContext): FieldError[]
  /** Fields that this door resets, so that nobody comes to own them through it (strategy GetResetFields). */
  readonly resetFields?: readonly (readonly string[])[]
}

export type NameRule =
  | 'dns1123Subdomain'
  | 'dns1123Label'
  | 'dns1035Label'
  | 'pathSegment'
  | 'any'
  | ((name: string, isPrefix: boolean, object: KubeObject) => string[])

/** A subresource as discovery lists it: `pods/exec`, kind PodExecOptions. */
export interface SubresourceDefinition {
  readonly name: string
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly verbs: readonly Verb[]
}

/** Everything the house knows of a kind in one version. Custom resources come in by the same door. */
export interface ResourceDefinition<T extends KubeObject = KubeObject> extends ResourceRef<T> {
  readonly listKind: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly verbs: readonly Verb[]
  readonly schema: Schema
  readonly subresources: readonly SubresourceDefinition[]
  /** The apiVersion in which objects are stored: `autoscaling/v2`, `v1`. Often its own. */
  readonly storageVersion: string
  /** Where objects lie in the store, upstream's layout: `services/specs`, `deployments`, `<group>/<plural>` for CRDs. */
  readonly storagePrefix: string
  readonly rules: KindRules<T>
  /** Custom resources speak no protobuf. */
  readonly protobuf: boolean
  /** What every request for this version is told, since it is deprecated. */
  readonly deprecation?: string
  /** What OpenAPI publishes of a custom resource. */
  readonly openApi?: CustomOpenApi
}

export interface CustomOpenApi {
  /** The version's openAPIV3Schema as it was written; undefined: none, or none that is structural. */
  readonly schema?: JsonObject
  /** JSON paths of the version's selectable fields, with their leading dot. */
  readonly selectableFields?: readonly string[]
}

export function groupResource(definition: ResourceRef): GroupResource {
  return { group: definition.group, resource: definition.resource }
}
