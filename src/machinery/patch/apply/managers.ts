import { goJson } from '../../field-error.ts'
import type { ManagedFieldsEntry } from '../../meta/object.ts'
import { FieldSet, formatFieldsV1, parseFieldsV1, type FieldsV1 } from './field-set.ts'

/** metadata.managedFields, decoded (apimachinery util/managedfields/internal/managedfields.go). */
export interface ManagerEntry {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  /** The version in which the set speaks. */
  readonly apiVersion: string
  readonly subresource: string
  /** RFC 3339. */
  readonly time: string | undefined
  readonly set: FieldSet
}

/** By identity: who, how and where; an applier keeps its identity over versions. */
export type Managers = Map<string, ManagerEntry>

export function managerId(entry: Pick<ManagerEntry, 'manager' | 'operation' | 'apiVersion' | 'subresource'>): string {
  const { manager, operation, apiVersion, subresource } = entry
  return goJson({
    manager: manager || undefined,
    operation,
    apiVersion: operation === 'Apply' ? undefined : apiVersion,
    subresource: subresource || undefined,
  })
}

/** Throws when an entry cannot be read. */
export function decodeManagers(entries: readonly ManagedFieldsEntry[] | undefined): Managers {
  const managers: Managers = new Map()
  for (const [index, entry] of (entries ?? []).entries()) {
    const { manager = '', operation, apiVersion = '', fieldsType, subresource = '', time } = entry
    if (operation !== 'Apply' && operation !== 'Update') throw new Error('operation must be `Apply` or `Update`')
    if (apiVersion === '') throw new Error('apiVersion must not be empty')
    if (!fieldsType) throw new Error(`missing fieldsType in managed fields entry ${index}`)
    if (fieldsType !== 'FieldsV1') {
      throw new Error(`invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${index}`)
    }
    const set = entry.fieldsV1 ? parseFieldsV1(entry.fieldsV1 as FieldsV1) : new FieldSet()
    const decoded = { manager, operation, apiVersion, subresource, time: time ?? undefined, set }
    managers.set(managerId(decoded), decoded)
  }
  return managers
}

/** As the API writes them: appliers first, then by time and name. `previous` entries that did not change are shared. */
export function encodeManagers(
  managers: Managers,
  previous: readonly ManagedFieldsEntry[] = [],
): ManagedFieldsEntry[] | undefined {
  if (managers.size === 0) return undefined
  const known = new Map(previous.map((entry) => [entry.fieldsV1 && parseFieldsV1(entry.fieldsV1 as FieldsV1), entry]))
  return [...managers.values()].sort(compareEntries).map((entry) => encode(entry, known.get(entry.set)))
}

function encode(entry: ManagerEntry, previous: ManagedFieldsEntry | undefined): ManagedFieldsEntry {
  const { manager, operation, apiVersion, time, subresource, set } = entry
  const fieldsV1 = previous?.fieldsV1 ?? formatFieldsV1(set)
  return {
    ...(manager === '' ? {} : { manager }),
    operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...(subresource === '' ? {} : { subresource }),
  }
}

const secondsOf = (time: string | undefined) => (time === undefined ? 0 : Math.floor(Date.parse(time) / 1000))
const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

function compareEntries(a: ManagerEntry, b: ManagerEntry): number {
  return (
    compareText(a.operation, b.operation) ||
    secondsOf(a.time) - secondsOf(b.time) ||
    compareText(a.manager, b.manager) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource, b.subresource)
  )
}

const maxUpdateManagers = 10

/**
 * Merges the oldest updaters into one `ancient-changes` per version until ten are left
 * (util/managedfields/internal/capmanagers.go).
 */
export function capManagers(managers: Managers): void {
  const updaters = [...managers].filter(([, entry]) => entry.operation === 'Update')
  let excess = updaters.length - maxUpdateManagers
  if (excess <= 0) return
  updaters.sort(([a, left], [b, right]) => secondsOf(left.time) - secondsOf(right.time) || compareText(a, b))
  const firstOf = new Map<string, string>()
  for (const [id, entry] of updaters) {
    if (excess <= 0) break
    const { apiVersion } = entry
    const first = firstOf.get(apiVersion)
    if (first === undefined) {
      firstOf.set(apiVersion, id)
      continue
    }
    const bucket = { manager: 'ancient-changes', operation: 'Update', apiVersion, subresource: '' } as const
    const bucketId = managerId(bucket)
    let gathered = managers.get(bucketId)
    if (gathered === undefined) {
      gathered = managers.get(first)!
      managers.delete(first)
    }
    managers.delete(id)
    managers.set(bucketId, { ...bucket, set: entry.set.union(gathered.set), time: entry.time })
    excess--
  }
}
