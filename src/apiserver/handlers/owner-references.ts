import { jsonEqual, type Draft } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'

/** Drops owner references that are there twice; the client is warned (handlers/rest.go, dedupOwnerReferences). */
export function dedupOwnerReferences(
  draft: Draft<KubeObject>,
  warn: (text: string) => void,
  afterMutation: boolean,
): void {
  const references = draft.metadata.ownerReferences
  if (references === undefined || references === null || references.length < 2) return
  const kept: typeof references = []
  const keptByUid = new Map<string, typeof references>()
  const duplicates: string[] = []
  for (const reference of references) {
    const same = keptByUid.get(reference.uid) ?? []
    if (same.some((other) => jsonEqual(other, reference))) duplicates.push(reference.uid)
    else {
      kept.push(reference)
      same.push(reference)
      keptByUid.set(reference.uid, same)
    }
  }
  if (duplicates.length === 0) return
  draft.metadata.ownerReferences = kept
  const when = afterMutation ? ' after mutating admission happens' : ''
  warn(
    `.metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${duplicates.join(', ')}`,
  )
}
