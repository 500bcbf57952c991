import { badRequest } from '../../errors.ts'
import { formatTime } from '../../clock.ts'
import { memberAsSaid } from '../../emptied.ts'
import { isObject, jsonEqual } from '../../json.ts'
import { apiVersionOf, parseApiVersion, type KubeObject, type ManagedFieldsEntry } from '../../meta/object.ts'
import type { Schema } from '../../schema/schema.ts'
import { byteLength } from '../../validation/message-text.ts'
import { compareValues } from './compare.ts'
import { ApplyConflicts, conflictError } from './conflict.ts'
import { FieldSet } from './field-set.ts'
import { capManagers, decodeManagers, encodeManagers, managerId, type ManagerEntry, type Managers } from './managers.ts'
import { objectTypeOf, zeroObject, type ObjectType } from './object-type.ts'
import { applyOwnership, updateOwnership, type Versions } from './ownership.ts'
import { fieldElement, type PathElement } from './path-element.ts'
import { faultText, typeFaults } from './typed-validation.ts'
import { fieldSetOf } from './typed-value.ts'

/**
 * Tracks who manages which field of an object, and merges what is applied (apimachinery util/managedfields): the front
 * door of server-side apply. Objects are plain JSON in the request's version.
 */
export interface FieldManagement {
  readonly schema: Schema | undefined
  readonly group: string
  readonly version: string
  readonly kind: string
  /** '' for the main resource. */
  readonly subresource: string
  /** What this door resets, so that nobody can own it by it: `[['status']]`, `[['spec'], ['metadata', 'labels']]`. */
  readonly resetFields?: readonly (readonly string[])[]
  /** Epoch milliseconds. */
  readonly now: number
  /**
   * For kinds served in several versions: the object in another of them, whole; undefined when the version is not
   * served (any more). Default: only the request's version is.
   */
  readonly convert?: (object: KubeObject, apiVersion: string) => KubeObject | undefined
  /** The schema of a version that `convert` knows. */
  readonly schemaOf?: (apiVersion: string) => Schema | undefined
}

/** What nobody manages (util/managedfields/internal/stripmeta.go). */
const unmanaged = FieldSet.of(
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((name) => ['f:metadata', fieldElement(name)]),
)

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/** The name under which a request's changes are recorded (endpoints/handlers/create.go managerOrUserAgent). */
export function managerName(fieldManager: string | undefined, userAgent: string | undefined): string {
  if (fieldManager) return fieldManager
  const [program = ''] = (userAgent ?? '').split('/', 1)
  if (/^[ -~]{0,128}$/.test(program)) return program
  let name = ''
  for (const char of program) {
    if (!/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(char)) continue
    if (byteLength(name + char) > 128) break
    name += char
  }
  return name
}

/**
 * The managedFields of an object that was created (`live` undefined) or changed by other means than apply. The object's
 * own managedFields count as the client's wish: none or unreadable ones leave the live ones, `[]` drops all. Never throws
 * on what the client sent.
 */
export function trackUpdate(
  management: FieldManagement,
  live: KubeObject | undefined,
  object: KubeObject,
  manager: string,
): readonly ManagedFieldsEntry[] | undefined {
  const liveEntries = live?.metadata.managedFields
  try {
    const managers = decodeLiveOrNew(live, object, management.subresource !== '')
    // Objects from before the tracking are not tracked until they are applied.
    if (managers.size === 0 && live?.metadata.uid) return undefined
    update(
      management,
      withoutManagedFields(live ?? emptyOf(management)),
      withoutManagedFields(object),
      managers,
      manager,
    )
    return encodeManagers(managers, liveEntries)
  } catch {
    return liveEntries
  }
}

function decodeLiveOrNew(live: KubeObject | undefined, object: KubeObject, liveOnly: boolean): Managers {
  if (!liveOnly) {
    const managedFields = memberAsSaid(object.metadata, 'managedFields') as readonly ManagedFieldsEntry[] | undefined
    const isReset =
      managedFields !== undefined &&
      managedFields !== null &&
      (managedFields.length === 0 || (managedFields.length === 1 && Object.keys(managedFields[0]!).length === 0))
    if (isReset) return new Map()
    const own = decodeOr(managedFields)
    if (own !== undefined && own.size > 0) return own
  }
  return decodeOr(live?.metadata.managedFields) ?? new Map()
}

function decodeOr(entries: readonly ManagedFieldsEntry[] | undefined): Managers | undefined {
  try {
    return decodeManagers(entries)
  } catch {
    return undefined
  }
}

function emptyOf(management: FieldManagement): KubeObject {
  const zero = zeroObject(management.schema)
  return {
    ...zero,
    apiVersion: apiVersionOf(management),
    kind: management.kind,
    metadata: (zero.metadata ?? {}) as object,
  }
}

function withoutManagedFields(object: KubeObject): KubeObject {
  if (object.metadata.managedFields === undefined) return object
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}

const current = 'current-operation'

/** As an update by `manager`: what changed becomes theirs, at this time. */
function update(
  management: FieldManagement,
  live: KubeObject,
  object: KubeObject,
  managers: Managers,
  manager: string,
): void {
  const writer = writerOf(management, manager, 'Update')
  updateOwnership(versionsOf(management), live, object, managers, current, writer)
  const changed = managers.get(current)
  if (changed !== undefined) {
    managers.delete(current)
    const set = changed.set.difference(unmanaged)
    if (!set.empty) {
      const id = managerId(writer)
      const previous = managers.get(id)
      managers.set(id, { ...writer, set: previous === undefined ? set : set.union(previous.set) })
    }
  }
  capManagers(managers)
}

function writerOf(
  management: FieldManagement,
  manager: string,
  operation: 'Apply' | 'Update',
): Omit<ManagerEntry, 'set'> {
  return {
    manager: manager === '' ? 'unknown' : manager,
    operation,
    apiVersion: apiVersionOf(management),
    subresource: management.subresource,
    time: formatTime(management.now),
  }
}

function versionsOf(management: FieldManagement): Versions {
  const apiVersion = apiVersionOf(management)
  const ignored = ignoredOf(management.resetFields ?? nothing)
  return {
    apiVersion,
    type: objectTypeOf(management.schema),
    ignored,
    convert: (value, version) => {
      const object = management.convert?.(value as KubeObject, version)
      if (object === undefined) return undefined
      return { value: object, type: objectTypeOf(management.schemaOf?.(version)), ignored }
    },
    convertBack: (value) => management.convert?.(value as KubeObject, apiVersion) ?? value,
  }
}

const nothing: readonly (readonly string[])[] = []
const ignoredSets = new WeakMap<readonly (readonly string[])[], FieldSet>()

function ignoredOf(resetFields: readonly (readonly string[])[]): FieldSet {
  let set = ignoredSets.get(resetFields)
  if (set === undefined) {
    set = FieldSet.of(...resetFields.map((path): PathElement[] => path.map(fieldElement)))
    ignoredSets.set(resetFields, set)
  }
  return set
}

export interface Applied {
  /** With managedFields set; before defaulting. */
  readonly object: KubeObject
  /** Nothing but, perhaps, managedFields differs from the live object. */
  readonly unchanged: boolean
}

/**
 * Applies a configuration for `manager` (`live` undefined: it creates). Throws ApiError 400 for what may not be applied,
 * 409 with a cause per field on conflicts unless `force`, and a plain Error, as upstream's 500, when the configuration
 * does not fit the schema.
 */
export function applyConfiguration(
  management: FieldManagement,
  live: KubeObject | undefined,
  configuration: unknown,
  manager: string,
  force: boolean,
): Applied {
  const applied = checkConfiguration(management, configuration)
  const managers = decodeForApply(live)
  const before = withoutManagedFields(live ?? emptyOf(management))
  const type = objectTypeOf(management.schema)
  const faults = typeFaults(applied, type, false)
  if (faults.length > 0) {
    throw new Error(`failed to create typed patch object (${describe(management, applied)}): ${faultText(faults)}`)
  }
  if (managers.size === 0) update(management, emptyOf(management), before, managers, 'before-first-apply')

  const writer = writerOf(management, manager, 'Apply')
  let merged: unknown
  let after: Managers = new Map(managers)
  const run = (forced: boolean) =>
    applyOwnership(versionsOf(management), before, applied, after, managerId(writer), writer, forced)
  try {
    merged = run(force)
  } catch (error) {
    if (!(error instanceof ApplyConflicts)) throw error
    // kubectl's first server-side apply takes over what its client-side apply owned.
    const allowed = manager === 'kubectl' ? lastAppliedFields(management, before, type) : undefined
    const left = allowed === undefined ? error.conflicts : error.conflicts.filter(({ path }) => !allowed.has(path))
    if (left.length > 0) throw conflictError(left)
    after = new Map(managers)
    merged = run(true)
  }
  const unchanged = live !== undefined && jsonEqual(merged, before)
  strip(after, managerId(writer), unchanged ? managers.get(managerId(writer))?.time : writer.time)
  const object = syncLastApplied(unchanged ? before : (merged as KubeObject), applied, manager)
  const managedFields = encodeManagers(after, live?.metadata.managedFields)
  return { object: { ...object, metadata: { ...object.metadata, managedFields } }, unchanged }
}

function decodeForApply(live: KubeObject | undefined): Managers {
  try {
    return decodeManagers(live?.metadata.managedFields)
  } catch (error) {
    throw new Error(`failed to decode managed fields: ${(error as Error).message}`, { cause: error })
  }
}

function checkConfiguration(management: FieldManagement, configuration: unknown): KubeObject {
  const { apiVersion, kind } = objectOf(configuration) as { apiVersion?: unknown; kind?: unknown }
  const isReadable = typeof apiVersion === 'string' && apiVersion.split('/').length <= 2
  const gv = parseApiVersion(isReadable ? apiVersion : '')
  // Without a readable version upstream knows no kind either (unstructured GroupVersionKind).
  const shown = apiVersion !== undefined && !isReadable ? '' : typeof kind === 'string' ? kind : ''
  const actual = `${gv.group}/${gv.version}, Kind=${shown}`
  if (gv.group !== management.group || gv.version !== management.version || kind !== management.kind) {
    throw badRequest(`invalid object type: ${actual}`)
  }
  const metadata = (configuration as { metadata?: unknown }).metadata
  if (isObject(metadata) && metadata.managedFields !== undefined && metadata.managedFields !== null) {
    throw badRequest('metadata.managedFields must be nil')
  }
  return configuration as unknown as KubeObject
}

/** Nothing at all is an object without members; what is no object is refused in the decoder's words. */
function objectOf(configuration: unknown): object {
  if (configuration === null || configuration === undefined) return {}
  if (isObject(configuration)) return configuration
  const type = Array.isArray(configuration) ? 'array' : typeof configuration
  throw badRequest(
    `error decoding patch: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${type === 'boolean' ? 'bool' : type} into Go value of type map[string]interface {}`,
  )
}

function describe(management: FieldManagement, object: KubeObject): string {
  const { namespace = '', name = '' } = object.metadata ?? {}
  return `${namespace}/${name}; ${management.group}/${management.version}, Kind=${management.kind}`
}

function strip(managers: Managers, id: string, time: string | undefined): void {
  const entry = managers.get(id)
  if (entry === undefined) return
  const set = entry.set.difference(unmanaged)
  if (set.empty) managers.delete(id)
  else managers.set(id, { ...entry, set, time })
}

/** What client-side apply owned and nobody changed since; undefined when there is no such record. */
function lastAppliedFields(management: FieldManagement, live: KubeObject, type: ObjectType): FieldSet | undefined {
  const text = live.metadata.annotations?.[lastApplied]
  if (!text) return undefined
  let record: unknown
  try {
    record = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isObject(record) || record.apiVersion !== apiVersionOf(management)) return undefined
  if (typeFaults(record, type, false).length > 0) return undefined
  const comparison = compareValues(record, live, type)
  return fieldSetOf(record, type)
    .difference(comparison.modified)
    .difference(comparison.added)
    .difference(comparison.removed)
}

const maxAnnotationBytes = 256 * 1024

/** Keeps the record of client-side apply true, where there is one and kubectl applies. */
function syncLastApplied(object: KubeObject, applied: KubeObject, manager: string): KubeObject {
  const { annotations } = object.metadata
  if (manager !== 'kubectl' || !annotations?.[lastApplied]) return object
  const { [lastApplied]: _, ...own } = applied.metadata.annotations ?? {}
  const metadata =
    applied.metadata.annotations === undefined ? applied.metadata : { ...applied.metadata, annotations: own }
  const record = `${JSON.stringify(sortKeys({ ...applied, metadata }))}\n`
  const updated: Record<string, string> = { ...annotations, [lastApplied]: record }
  let bytes = 0
  for (const [key, value] of Object.entries(updated)) bytes += byteLength(key) + byteLength(value)
  if (bytes > maxAnnotationBytes) delete updated[lastApplied]
  return { ...object, metadata: { ...object.metadata, annotations: updated } }
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sortKeys(value[key])]),
  )
}

/**
 * The new object with the old timestamps when nothing else differs, so that a write without effect writes nothing
 * (apiserver endpoints/handlers/fieldmanager/equality.go).
 */
export function keepTimesOfNoop<T extends KubeObject>(object: T, old: KubeObject): T {
  const mine = object.metadata.managedFields ?? []
  const theirs = old.metadata.managedFields ?? []
  if (mine.length !== theirs.length || mine.length === 0) return object
  const sameButTime = mine.every((entry, index) => {
    const { time: _, ...rest } = entry
    const { time: __, ...oldRest } = theirs[index]!
    return jsonEqual(rest, oldRest)
  })
  if (!sameButTime || !jsonEqual(withoutManagedFields(object), withoutManagedFields(old))) return object
  return { ...object, metadata: { ...object.metadata, managedFields: theirs } }
}
