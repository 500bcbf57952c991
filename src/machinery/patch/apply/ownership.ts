import { compareValues, type Comparison } from './compare.ts'
import { ApplyConflicts } from './conflict.ts'
import { FieldSet } from './field-set.ts'
import type { ManagerEntry, Managers } from './managers.ts'
import { mergeValues } from './merge.ts'
import type { ObjectType } from './object-type.ts'
import { fieldSetOf, reconcileWithType, withNamedFields, withoutFields } from './typed-value.ts'

/**
 * Who owns what after an update or an apply (structured-merge-diff merge/update.go). Pure but for `managers`, which the
 * caller hands over and gets back changed.
 */
export interface Versions {
  /** The version of the request. */
  readonly apiVersion: string
  readonly type: ObjectType
  /** Fields that a writer through this door cannot own, since they are reset. */
  readonly ignored: FieldSet
  /**
   * A value of the request's version in another one, with what is ignored there; undefined: that version is gone, and
   * what was managed in it.
   */
  readonly convert: (value: unknown, apiVersion: string) => VersionedValue | undefined
  /** A value of another version in the request's. */
  readonly convertBack: (value: unknown, apiVersion: string) => unknown
}
export interface VersionedValue {
  readonly value: unknown
  readonly type: ObjectType
  readonly ignored: FieldSet
}

/** `id`: the manager that writes; its entry is replaced by what it now owns (empty: none). */
export function updateOwnership(
  versions: Versions,
  live: unknown,
  object: unknown,
  managers: Managers,
  id: string,
  writer: Omit<ManagerEntry, 'set'>,
): void {
  reconcile(versions, live, managers)
  const own = managers.get(id)
  const comparison = transfer(versions, live, object, managers, id, true)
  const set = (own?.set ?? new FieldSet())
    .difference(comparison.removed)
    .union(comparison.modified)
    .union(comparison.added)
    .recursiveDifference(versions.ignored)
  if (set.empty) managers.delete(id)
  else managers.set(id, { ...writer, set })
}

/** The merged and pruned object. Throws ApplyConflicts unless forced. */
export function applyOwnership(
  versions: Versions,
  live: unknown,
  applied: unknown,
  managers: Managers,
  id: string,
  writer: Omit<ManagerEntry, 'set'>,
  force: boolean,
): unknown {
  reconcile(versions, live, managers)
  const merged = mergeValues(live, applied, versions.type)
  const last = managers.get(id)
  const set = fieldSetOf(applied, versions.type).recursiveDifference(versions.ignored)
  managers.set(id, { ...writer, set })
  const object = prune(versions, merged, managers, last)
  transfer(versions, live, object, managers, id, force)
  return object
}

function reconcile(versions: Versions, live: unknown, managers: Managers): void {
  for (const [id, entry] of managers) {
    const type =
      entry.apiVersion === versions.apiVersion ? versions.type : versions.convert(live, entry.apiVersion)?.type
    if (type === undefined) {
      managers.delete(id)
      continue
    }
    const set = reconcileWithType(entry.set, type)
    if (set !== entry.set) managers.set(id, { ...entry, set })
  }
}

/** Takes from the others what the change touches; returns the change in the request's version. */
function transfer(
  versions: Versions,
  live: unknown,
  object: unknown,
  managers: Managers,
  id: string,
  force: boolean,
): Comparison {
  const own = without(compareValues(live, object, versions.type), versions.ignored)
  const comparisons = new Map<string, Comparison>([[versions.apiVersion, own]])
  const taken: { id: string; entry: ManagerEntry; conflict: FieldSet }[] = []
  const lost: { id: string; removed: FieldSet }[] = []
  for (const [other, entry] of managers) {
    if (other === id) continue
    let comparison = comparisons.get(entry.apiVersion)
    if (comparison === undefined) {
      const before = versions.convert(live, entry.apiVersion)
      const after = versions.convert(object, entry.apiVersion)
      if (before === undefined || after === undefined) {
        managers.delete(other)
        continue
      }
      comparison = without(compareValues(before.value, after.value, before.type), before.ignored)
      comparisons.set(entry.apiVersion, comparison)
    }
    const conflict = entry.set.intersection(comparison.modified.union(comparison.added))
    if (!conflict.empty) taken.push({ id: other, entry, conflict })
    if (!comparison.removed.empty) lost.push({ id: other, removed: comparison.removed })
  }
  if (!force && taken.length > 0) {
    taken.sort((a, b) => (a.id < b.id ? -1 : 1))
    throw new ApplyConflicts(
      taken.flatMap(({ id: managerId, entry: manager, conflict }) =>
        [...conflict.paths()].map((path) => ({ manager, managerId, path })),
      ),
    )
  }
  for (const { id: other, conflict } of taken) shrink(managers, other, conflict)
  for (const { id: other, removed } of lost) shrink(managers, other, removed)
  for (const [other, entry] of managers) if (entry.set.empty) managers.delete(other)
  return own
}

function shrink(managers: Managers, id: string, by: FieldSet): void {
  const entry = managers.get(id)!
  const set = entry.set.difference(by)
  if (set !== entry.set) managers.set(id, { ...entry, set })
}

function without(comparison: Comparison, ignored: FieldSet): Comparison {
  if (ignored.empty) return comparison
  return {
    removed: comparison.removed.recursiveDifference(ignored),
    modified: comparison.modified.recursiveDifference(ignored),
    added: comparison.added.recursiveDifference(ignored),
  }
}

/** Removes what the applier applied last time, not this time, and nobody else claims. */
function prune(versions: Versions, merged: unknown, managers: Managers, last: ManagerEntry | undefined): unknown {
  if (last === undefined || last.set.empty) return merged
  const { apiVersion } = last
  const at = (value: unknown, version: string): VersionedValue | undefined =>
    version === versions.apiVersion
      ? { value, type: versions.type, ignored: versions.ignored }
      : versions.convert(value, version)
  const whole = at(merged, apiVersion)
  if (whole === undefined) return merged
  const { type } = whole
  const cut = withoutFields(whole.value, type, withNamedFields(last.set, type))
  const kept = addBackOwned(versions, whole, cut, apiVersion, managers)
  const keptSet = withNamedFields(fieldSetOf(kept, type), type)
  const wholeSet = withNamedFields(fieldSetOf(whole.value, type), type)
  // Of what is gone, only what the applier itself owned goes.
  const gone = wholeSet.difference(keptSet).intersection(withNamedFields(last.set, type))
  const pruned = withoutFields(whole.value, type, gone)
  return apiVersion === versions.apiVersion ? pruned : versions.convertBack(pruned, apiVersion)
}

/** The pruned value with what any manager, the applier's new configuration included, still owns. */
function addBackOwned(
  versions: Versions,
  whole: VersionedValue,
  cut: unknown,
  apiVersion: string,
  managers: Managers,
): unknown {
  const owned = new Map<string, FieldSet>()
  for (const entry of managers.values()) {
    owned.set(entry.apiVersion, (owned.get(entry.apiVersion) ?? new FieldSet()).union(entry.set))
  }
  const own = owned.get(apiVersion)
  let result = own === undefined ? cut : addBack(whole.value, cut, whole.type, own)
  owned.delete(apiVersion)
  const fromTo = (value: unknown, from: string, to: string): VersionedValue | undefined => {
    const request = from === versions.apiVersion ? value : versions.convertBack(value, from)
    return to === versions.apiVersion
      ? { value: request, type: versions.type, ignored: versions.ignored }
      : versions.convert(request, to)
  }
  for (const [version, set] of owned) {
    const there = fromTo(whole.value, apiVersion, version)
    const cutThere = fromTo(result, apiVersion, version)
    if (there === undefined || cutThere === undefined) continue
    const restored = addBack(there.value, cutThere.value, there.type, set)
    result = fromTo(restored, version, apiVersion)?.value ?? result
  }
  return result
}

function addBack(whole: unknown, cut: unknown, type: ObjectType, owned: FieldSet): unknown {
  const wholeSet = withNamedFields(fieldSetOf(whole, type), type)
  const kept = withNamedFields(fieldSetOf(cut, type), type).union(withNamedFields(owned, type))
  return withoutFields(whole, type, wholeSet.difference(kept))
}
