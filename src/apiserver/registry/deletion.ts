import type { ResourceDefinition } from '../../api/definition.ts'
import { formatTime } from '../../machinery/clock.ts'
import { conflict, invalid, type Status } from '../../machinery/errors.ts'
import type { Draft } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { validateDeleteOptions } from '../../machinery/validation/request-options.ts'
import type { StoredObject } from '../cache/stored-object.ts'

/** metav1.DeleteOptions as the registry needs it. */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
  readonly orphanDependents?: boolean
  readonly propagationPolicy?: string
  readonly dryRun?: readonly string[]
  readonly ignoreStoreReadErrorWithClusterBreakingPotential?: boolean
}

/** What a DELETE is answered. */
export interface DeleteResult {
  /** The object as it was or is now, or a Status that names it. */
  readonly result: StoredObject | Status
  /** Whether it is gone. */
  readonly deleted: boolean
}

export type DeletionStep =
  /** `draft` carries a deletion timestamp now and is to be stored; deleted for good when `seconds` is 0. */
  | { readonly type: 'graceful'; readonly seconds: number }
  /** It is being deleted already and nothing changes. */
  | { readonly type: 'pending' }
  | { readonly type: 'immediate' }

/**
 * Decides how an object goes, and marks the draft where it goes gracefully (apiserver pkg/registry/rest/delete.go,
 * BeforeDelete).
 */
export function beforeDelete(
  definition: ResourceDefinition,
  draft: Draft<KubeObject>,
  options: DeleteOptions,
  now: number,
): DeletionStep {
  const errors = validateDeleteOptions(options)
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors)
  const { metadata } = draft
  const on = { group: definition.group, resource: definition.kind }
  const { uid, resourceVersion } = options.preconditions ?? {}
  if (uid !== undefined && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`
    throw conflict(on, metadata.name ?? '', why)
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`
    throw conflict(on, metadata.name ?? '', why)
  }
  // Negative grace periods count as one second.
  const asked = options.gracePeriodSeconds === undefined ? undefined : atLeastZeroOrOne(options.gracePeriodSeconds)
  const { gracefulDeletion } = definition.rules
  if (gracefulDeletion === undefined) return { type: 'immediate' }
  if (metadata.deletionTimestamp) return shorten(metadata, asked, now)
  const seconds = gracefulDeletion(draft as KubeObject, asked)
  if (seconds === undefined) return { type: 'immediate' }
  metadata.deletionTimestamp = formatTime(now + seconds * 1000)
  metadata.deletionGracePeriodSeconds = seconds
  if (metadata.generation) metadata.generation += 1
  return { type: 'graceful', seconds }
}

function atLeastZeroOrOne(seconds: number): number {
  return seconds < 0 ? 1 : seconds
}

/** A graceful deletion under way can only be made shorter. */
function shorten(metadata: Draft<KubeObject['metadata']>, asked: number | undefined, now: number): DeletionStep {
  const present = metadata.deletionGracePeriodSeconds
  if (!present) return { type: 'immediate' }
  if (asked === undefined || asked >= present) return { type: 'pending' }
  let seconds = asked
  let due = Date.parse(metadata.deletionTimestamp!) - present * 1000 + seconds * 1000
  if (due < now) {
    due = now
    if (seconds !== 0) seconds = 1
  }
  metadata.deletionTimestamp = formatTime(due)
  metadata.deletionGracePeriodSeconds = seconds
  return { type: 'graceful', seconds }
}

/** Marks an object that finalizers still hold (store.go, markAsDeleting). */
export function markAsDeleting(draft: Draft<KubeObject>, now: number): void {
  const { metadata } = draft
  if (!metadata.deletionTimestamp && metadata.generation) metadata.generation += 1
  if (!metadata.deletionTimestamp || Date.parse(metadata.deletionTimestamp) > now) {
    metadata.deletionTimestamp = formatTime(now)
  }
  metadata.deletionGracePeriodSeconds = 0
}

/**
 * The finalizers that the garbage collector is to work off, or undefined when those present are right already (store.go,
 * deletionFinalizersForGarbageCollection).
 */
export function garbageCollectionFinalizers(
  definition: ResourceDefinition,
  finalizers: readonly string[],
  options: DeleteOptions,
): string[] | undefined {
  // Nobody collects what depends on events.
  if (definition.resource === 'events' && definition.kind === 'Event') return undefined
  // Nothing depends on such objects.
  if (definition.rules.defaultDeletionPolicy === 'unsupported') return undefined
  const wanted = finalizers.filter((name) => name !== 'orphan' && name !== 'foregroundDeletion')
  const policy = dependents(definition, finalizers, options)
  if (policy !== 'background') wanted.push(policy)
  const same = wanted.length === finalizers.length && wanted.every((name) => finalizers.includes(name))
  return same ? undefined : wanted
}

function dependents(
  definition: ResourceDefinition,
  finalizers: readonly string[],
  { orphanDependents, propagationPolicy }: DeleteOptions,
): 'orphan' | 'foregroundDeletion' | 'background' {
  if (orphanDependents !== undefined) return orphanDependents ? 'orphan' : 'background'
  if (propagationPolicy === 'Orphan') return 'orphan'
  if (propagationPolicy === 'Foreground') return 'foregroundDeletion'
  if (propagationPolicy === 'Background') return 'background'
  const held = finalizers.find((name) => name === 'orphan' || name === 'foregroundDeletion')
  if (held === 'orphan' || held === 'foregroundDeletion') return held
  return definition.rules.defaultDeletionPolicy === 'orphan' ? 'orphan' : 'background'
}

/** An update that takes away the last finalizer of an object under deletion deletes it (ShouldDeleteDuringUpdate). */
export function deletesOnUpdate(updated: KubeObject, existing: KubeObject): boolean {
  if (updated.metadata.finalizers?.length) return false
  if (!existing.metadata.deletionTimestamp) return false
  return !existing.metadata.deletionGracePeriodSeconds
}
