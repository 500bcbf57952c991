import { sameAmounts } from '../../api/quota/amounts.ts'
import { evaluatorFor } from '../../api/quota/evaluators.ts'
import { resourceQuotas } from '../../api/core/v1/resource-quota.ts'
import type { ResourceRef } from '../../api/definition.ts'
import type {
  PersistentVolumeClaimSpec,
  PersistentVolumeClaimStatus,
  PodSpec,
  ResourceQuota,
} from '../../api/types.generated.ts'
import { discover, type ServedResource } from '../../client/discovery.ts'
import { type Informer, keyOf } from '../../client/informer.ts'
import { isReason } from '../../machinery/errors.ts'
import { jsonEqual } from '../../machinery/json.ts'
import type { GroupResource, KubeObject } from '../../machinery/meta/object.ts'
import { defineSync } from '../runtime/define-sync.ts'
import { countedResources, quotaStatus } from './usage.ts'

/** Usage is worked out anew after so long though nothing was seen to change (--resource-quota-sync-period). */
const resyncMs = 5 * 60_000

/**
 * What of a pod or a claim decides which scopes it is in and may change. No other change counts: a count at the binding of
 * one pod can miss the next, which admission has charged and nobody has seen yet (pkg/quota/v1/install/update_filter.go).
 */
function scopeFacts(object: KubeObject): readonly unknown[] {
  const { spec, status } = object as {
    readonly spec?: Pick<PodSpec, 'activeDeadlineSeconds'> &
      Pick<PersistentVolumeClaimSpec, 'volumeAttributesClassName'>
    readonly status?: PersistentVolumeClaimStatus
  }
  return [
    (spec?.activeDeadlineSeconds ?? -1) >= 0,
    spec?.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ]
}

/**
 * ResourceQuota: writes what of each limit is used. Admission charges what is made; what goes away is noticed here
 * (pkg/controller/resourcequota).
 */
export const resourceQuotaController = defineSync({
  name: 'resourcequota-controller',
  setup({ client, informers, clock }) {
    const quotas = informers.for(resourceQuotas)
    /** Informers of what quotas count, by `resource.group`; made when a quota first asks. */
    const counted = new Map<string, Informer<KubeObject>>()
    let served: readonly ServedResource[] = []
    let recount: (namespace: string) => void = () => {}
    const ends: (() => void)[] = []

    async function find(resource: GroupResource): Promise<ResourceRef | undefined> {
      const known = () => served.find((one) => one.group === resource.group && one.resource === resource.resource)
      // Kinds come and go: who is unknown may be new.
      if (known() === undefined) served = (await discover(client.transport)).resources
      return known()
    }

    async function informerOf(resource: GroupResource): Promise<Informer<KubeObject> | undefined> {
      const key = `${resource.resource}.${resource.group}`
      const made = counted.get(key)
      if (made !== undefined) return made
      const ref = await find(resource)
      if (ref === undefined) return undefined
      const informer = informers.for(ref)
      counted.set(key, informer)
      const changed = ({ metadata }: KubeObject) => recount(metadata.namespace ?? '')
      const evaluator = evaluatorFor(resource)
      ends.push(
        informer.subscribe({
          deleted: changed,
          updated(object, old) {
            // Most changes, above all those of pods' statuses, use no more and no less.
            const now = clock.now()
            const same =
              evaluator === undefined ||
              (sameAmounts(evaluator.usage(object, now), evaluator.usage(old, now)) &&
                jsonEqual(scopeFacts(object), scopeFacts(old)))
            if (!same) changed(object)
          },
        }),
      )
      await informer.whenSynced()
      return informer
    }

    return {
      ready: (signal) => quotas.whenSynced(signal),
      watch(queue) {
        const seen = (quota: ResourceQuota) => queue.add(keyOf(quota))
        recount = (namespace) => quotas.byIndex('namespace', namespace).forEach(seen)
        ends.push(
          quotas.subscribe({
            added: seen,
            // Admission charges before the object is stored: a count at once would undo what it charged.
            updated(quota, old) {
              const isOther = (one: ResourceQuota) => !jsonEqual(one.spec?.hard, one.status?.hard)
              if (!jsonEqual(quota.spec, old.spec) || (isOther(quota) && !isOther(old))) seen(quota)
            },
          }),
        )
        return () => ends.forEach((end) => end())
      },
      async sync(key) {
        const quota = quotas.get(key)
        if (quota === undefined) return
        const namespace = quota.metadata.namespace ?? ''
        const objects = new Map<string, readonly KubeObject[]>()
        for (const resource of countedResources(Object.keys(quota.spec?.hard ?? {}))) {
          const informer = await informerOf(resource)
          if (informer !== undefined)
            objects.set(`${resource.resource}.${resource.group}`, informer.byIndex('namespace', namespace))
        }
        const status = quotaStatus(quota, ({ group, resource }) => objects.get(`${resource}.${group}`), clock.now())
        if (status !== quota.status) {
          try {
            await client.update(resourceQuotas, { ...quota, status }, { subresource: 'status' })
          } catch (error) {
            if (!isReason(error, 'NotFound')) throw error
          }
        }
        return { requeueAfterMs: resyncMs }
      },
    }
  },
})
