import { namespaces } from '../../api/core/v1/namespace.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { Namespace } from '../../api/types.generated.ts'
import { isReason } from '../../machinery/errors.ts'
import type { ControllerContext } from '../runtime/controller.ts'
import { defineSync } from '../runtime/define-sync.ts'
import { semanticEqual } from '../../machinery/semantic-equal.ts'
import { deletionConditions } from './conditions.ts'
import { emptyNamespace } from './empty-namespace.ts'

const finalizer = 'kubernetes'
/** Other API servers may not know of the deletion yet, and still let something in. */
const defaultDelayMs = 1000
/** Finalizers are taken off without a word to us. */
const recheckSeconds = 2

/** Namespace: empties namespaces that are being deleted, and lets them go (pkg/controller/namespace). */
export const namespaceController = defineSync({
  name: 'namespace-controller',
  workers: 10,
  setup(context) {
    const { informers, options } = context
    const delayMs = options.namespaceDeletionDelayMs ?? defaultDelayMs
    const all = informers.for(namespaces)
    const terminating = informers.for(pods)
    return {
      ready: (signal) => Promise.all([all.whenSynced(signal), terminating.whenSynced(signal)]),
      sync: (key) => sync(context, key),
      watch(queue) {
        const seen = (namespace: Namespace) => {
          if (namespace.metadata.deletionTimestamp !== undefined) queue.addAfter(namespace.metadata.name!, delayMs)
        }
        const unwatch = all.subscribe({ added: seen, updated: seen })
        // The rest waits for the last pod: no need to guess when that has gone.
        const unwatchPods = terminating.subscribe({
          deleted: ({ metadata }) => {
            const { namespace = '' } = metadata
            if (all.get(namespace)?.metadata.deletionTimestamp === undefined) return
            if (terminating.byIndex('namespace', namespace).length === 0) queue.add(namespace)
          },
        })
        return () => {
          unwatch()
          unwatchPods()
        }
      },
    }
  },
})

async function sync(context: ControllerContext, name: string): Promise<{ requeueAfterMs?: number } | void> {
  const { client, clock } = context
  let namespace = await live(context, name)
  if (namespace?.metadata.deletionTimestamp === undefined) return
  if (namespace.status?.phase !== 'Terminating') {
    const status = { ...namespace.status, phase: 'Terminating' as const }
    namespace = await client.update(namespaces, { ...namespace, status }, { subresource: 'status' })
  }
  if (!namespace.spec?.finalizers?.length) return

  const { report, estimateSeconds } = await emptyNamespace(client, namespace, clock.now())
  const conditions = deletionConditions(namespace.status?.conditions ?? [], report, clock.now())
  if (!semanticEqual(conditions, namespace.status?.conditions)) {
    try {
      const status = { ...namespace.status, conditions }
      namespace = await client.update(namespaces, { ...namespace, status }, { subresource: 'status' })
    } catch (error) {
      context.log.warn('cannot tell how the deletion of a namespace goes', { namespace: name, error: String(error) })
    }
  }
  const failures = [...(report.discoveryFailure === undefined ? [] : [report.discoveryFailure]), ...report.errors]
  if (failures.length > 0) throw new Error(`deletion of namespace ${name} failed: ${failures.join('; ')}`)
  if (estimateSeconds > 0)
    return { requeueAfterMs: Math.min(Math.floor(estimateSeconds / 2) + 1, recheckSeconds) * 1000 }

  for (;;) {
    const finalizers = (namespace.spec.finalizers ?? []).filter((other) => other !== finalizer)
    try {
      const finalized = { ...namespace, spec: { ...namespace.spec, finalizers } }
      await client.update(namespaces, finalized, { subresource: 'finalize' })
      return
    } catch (error) {
      if (isReason(error, 'NotFound')) return
      if (!isReason(error, 'Conflict')) throw error
      const again = await live(context, name)
      if (again === undefined) return
      if (again.metadata.uid !== namespace.metadata.uid) throw new Error('namespace uid has changed across retries')
      namespace = again
    }
  }
}

async function live({ client }: ControllerContext, name: string): Promise<Namespace | undefined> {
  try {
    return await client.get(namespaces, { name })
  } catch (error) {
    if (isReason(error, 'NotFound')) return undefined
    throw error
  }
}
