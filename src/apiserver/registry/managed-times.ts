import { jsonEqual, type Draft } from '../../machinery/json.ts'
import type { KubeObject, ManagedFieldsEntry } from '../../machinery/meta/object.ts'

/**
 * A write that changes nothing but the times of its managedFields changes nothing at all
 * (handlers/fieldmanager/equality.go, IgnoreManagedFieldsTimestampsTransformer).
 */
export function revertManagedTimes(draft: Draft<KubeObject>, old: KubeObject): void {
  const entries = draft.metadata.managedFields as readonly ManagedFieldsEntry[] | undefined
  const before = old.metadata.managedFields
  if (!entries?.length || entries.length !== before?.length) return
  if (entries.every((entry, index) => entry.time === before[index]!.time)) return
  const timeless = (list: readonly ManagedFieldsEntry[]) => list.map(({ time: _, ...rest }) => rest)
  if (!jsonEqual(timeless(entries), timeless(before))) return
  const { managedFields: _, ...metadata } = draft.metadata
  const { managedFields: __, ...oldMetadata } = old.metadata
  if (!jsonEqual(metadata, oldMetadata)) return
  const members = draft as unknown as Record<string, unknown>
  const oldMembers = old as unknown as Record<string, unknown>
  for (const name of new Set([...Object.keys(members), ...Object.keys(oldMembers)])) {
    if (name !== 'metadata' && !jsonEqual(members[name], oldMembers[name])) return
  }
  draft.metadata.managedFields = before as Draft<ManagedFieldsEntry[]>
}
