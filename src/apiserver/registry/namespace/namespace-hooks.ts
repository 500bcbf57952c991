import type { Namespace } from '../../../api/types.generated.ts'
import type { Clock } from '../../../machinery/clock.ts'
import type { Draft } from '../../../machinery/json.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import type { DeleteOptions } from '../deletion.ts'
import { markedDeletion } from '../marked-deletion.ts'
import type { RegistryHooks } from '../registry-hooks.ts'

/**
 * The end of a namespace: the first DELETE marks it Terminating, its spec.finalizers hold it until the namespace
 * controller has emptied it (pkg/registry/core/namespace/storage/storage.go).
 */
export function namespaceHooks(clock: Clock): RegistryHooks {
  return {
    deletesOnUpdate: (object) => finalizersOf(object).length === 0,
    beginDelete: markedDeletion(clock, {
      on: { group: '', resource: 'namespaces' },
      refusal: 'Precondition failed',
      again: (existing) =>
        finalizersOf(existing.object).length > 0 ? { result: existing, deleted: false } : undefined,
      mark(draft, options) {
        const namespace = draft as Draft<Namespace>
        namespace.status = { ...namespace.status, phase: 'Terminating' }
        markFinalizers(draft, options)
      },
    }),
  }
}

function finalizersOf(object: KubeObject): readonly string[] {
  return (object as Namespace).spec?.finalizers ?? []
}

/** Unlike elsewhere the options alone decide, and otherwise what is there stays. */
function markFinalizers(draft: Draft<KubeObject>, { orphanDependents, propagationPolicy }: DeleteOptions): void {
  const present = draft.metadata.finalizers ?? []
  const wanted = (name: string, byOrphan: boolean, policy: string): boolean => {
    if (orphanDependents !== undefined) return orphanDependents === byOrphan
    if (propagationPolicy !== undefined) return propagationPolicy === policy
    return present.includes(name)
  }
  const finalizers = present.filter((name) => name !== 'orphan' && name !== 'foregroundDeletion')
  if (wanted('orphan', true, 'Orphan')) finalizers.push('orphan')
  if (wanted('foregroundDeletion', false, 'Foreground')) finalizers.push('foregroundDeletion')
  if (finalizers.length > 0) draft.metadata.finalizers = finalizers
  else delete draft.metadata.finalizers
}
