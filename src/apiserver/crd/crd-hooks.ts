import type { CustomResourceDefinition } from '../../api/types.generated.ts'
import { formatTime, type Clock } from '../../machinery/clock.ts'
import { conflict, notFound } from '../../machinery/errors.ts'
import { jsonClone, type Draft } from '../../machinery/json.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { DeleteOptions } from '../registry/deletion.ts'
import type { RegistryHooks } from '../registry/registry-hooks.ts'
import { withCondition } from './crd-status.ts'

/** Holds a definition that is being deleted until its objects are gone. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io'

const on = { group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' }

/** The first DELETE of a definition marks it; the controller then removes its objects (apiextensions etcd.go Delete). */
export function crdHooks(clock: Clock): RegistryHooks {
  return {
    async beginDelete(registry, existing, options, validate, scope) {
      const { metadata } = existing.object
      checkPreconditions(existing.object, options)
      if (metadata.deletionTimestamp) return undefined
      const preconditions = { ...options.preconditions, uid: options.preconditions?.uid ?? metadata.uid }
      const result = await registry.storage.guaranteedUpdate(
        existing.key,
        { dryRun: scope.dryRun, preconditions },
        async (current) => {
          if (current === undefined) throw notFound(on, metadata.name ?? '')
          await validate(current.object)
          const now = formatTime(clock.now())
          const draft = jsonClone(current.object) as Draft<CustomResourceDefinition>
          draft.metadata.deletionTimestamp ??= now
          draft.metadata.finalizers = [...new Set([...(draft.metadata.finalizers ?? []), cleanupFinalizer])]
          draft.status.conditions = withCondition(
            draft.status.conditions,
            {
              type: 'Terminating',
              status: 'True',
              reason: 'InstanceDeletionPending',
              message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
            },
            now,
          ) as Draft<CustomResourceDefinition>['status']['conditions']
          return { object: registry.canonical(draft as Draft<KubeObject>) }
        },
      )
      return { result, deleted: false }
    },
  }
}

function checkPreconditions({ metadata }: KubeObject, { preconditions }: DeleteOptions): void {
  const { name = '' } = metadata
  for (const [words, field] of [
    ['UID', 'uid'],
    ['ResourceVersion', 'resourceVersion'],
  ] as const) {
    const asked = preconditions?.[field]
    if (asked === undefined || asked === metadata[field]) continue
    const why = `precondition failed: ${words} in precondition: ${asked}, ${words} in object meta: ${metadata[field]}`
    throw conflict(on, name, why)
  }
}
