import type { Namespace } from '../../../api/types.generated.ts'
import { formatTime, type Clock } from '../../../machinery/clock.ts'
import { conflict, notFound } from '../../../machinery/errors.ts'
import { jsonClone, type Draft } from '../../../machinery/json.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import type { DeleteOptions } from '../deletion.ts'
import type { RegistryHooks } from '../registry-hooks.ts'

const on = { group: '', resource: 'namespaces' }

/**
 * The end of a namespace: the first DELETE marks it Terminating, its spec.finalizers hold it until the namespace
 * controller has emptied it (pkg/registry/core/namespace/storage/storage.go).
 */
export function namespaceHooks(clock: Clock): RegistryHooks {
  return {
    deletesOnUpdate: (object) => finalizersOf(object).length === 0,
    async beginDelete(registry, existing, options, validate, scope) {
      const { metadata } = existing.object
      checkPreconditions(existing.object, options)
      if (metadata.deletionTimestamp) {
        return finalizersOf(existing.object).length > 0 ? { result: existing, deleted: false } : undefined
      }
      const preconditions = { ...options.preconditions, uid: metadata.uid }
      const result = await registry.storage.guaranteedUpdate(
        existing.key,
        { dryRun: scope.dryRun, preconditions },
        async (current) => {
          if (current === undefined) throw notFound(on, metadata.name ?? '')
          await validate(current.object)
          const draft = jsonClone(current.object) as Draft<Namespace>
          draft.metadata!.deletionTimestamp ??= formatTime(clock.now())
          draft.status = { ...draft.status, phase: 'Terminating' }
          markFinalizers(draft as Draft<KubeObject>, options)
          return { object: registry.canonical(draft as Draft<KubeObject>) }
        },
      )
      return { result, deleted: false }
    },
  }
}

function finalizersOf(object: KubeObject): readonly string[] {
  return (object as Namespace).spec?.finalizers ?? []
}

function checkPreconditions({ metadata }: KubeObject, { preconditions }: DeleteOptions): void {
  const { uid, resourceVersion } = preconditions ?? {}
  const refuse = (why: string) => conflict(on, metadata.name ?? '', `Precondition failed: ${why}`)
  if (uid !== undefined && uid !== metadata.uid) {
    throw refuse(`UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`)
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    throw refuse(
      `ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion}`,
    )
  }
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
