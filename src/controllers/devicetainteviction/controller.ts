import { pods } from '../../api/core/v1/pod.ts'
import { resourceClaims } from '../../api/resource/v1/resource-claim.ts'
import { resourceSlices } from '../../api/resource/v1/resource-slice.ts'
import type { Pod, ResourceClaim, ResourceSlice } from '../../api/types.generated.ts'
import { keyOf } from '../../client/informer.ts'
import { formatTime } from '../../machinery/clock.ts'
import { isReason } from '../../machinery/errors.ts'
import { disruptionPatch } from '../pods/disruption-target.ts'
import { claimNameOf } from '../resourceclaim/claim-for-pod.ts'
import type { ControllerContext } from '../runtime/controller.ts'
import { defineSync } from '../runtime/define-sync.ts'
import { evictionMetrics } from '../tainteviction/metrics.ts'
import { podEvictionTime } from './eviction-time.ts'

const podsOfClaim = 'podsOfDeviceClaim'
const claimsOfPool = 'claimsOfDevicePool'
const slicesOfPool = 'slicesOfDevicePool'
const reason = 'DeviceTaintManagerEviction'

const evictions = evictionMetrics('device_taint_eviction_controller')

/**
 * Drives pods off devices whose NoExecute taints they do not bear (pkg/controller/devicetainteviction; of taints that
 * drivers publish: DeviceTaintRules are off by default).
 */
export const deviceTaintEvictionController = defineSync({
  name: 'device-taint-eviction-controller',
  workers: 8,
  setup(context) {
    const { informers, clock, recorder } = context
    const { total, late } = evictions(context)
    const [allPods, claims] = [informers.for(pods), informers.for(resourceClaims)]
    const slices = informers.for(resourceSlices)
    allPods.addIndex(podsOfClaim, (pod) =>
      (pod.spec?.resourceClaims ?? []).flatMap((claim) => {
        const name = claimNameOf(pod, claim)
        return name ? [`${pod.metadata.namespace}/${name}`] : []
      }),
    )
    claims.addIndex(claimsOfPool, ({ status }) => [
      ...new Set(status?.allocation?.devices?.results?.map(({ driver, pool }) => `${driver}/${pool}`)),
    ])
    slices.addIndex(slicesOfPool, (slice) => [poolOf(slice)])
    const lookups = {
      claim: (key: string) => claims.get(key),
      slices: (driver: string, pool: string) => slices.byIndex(slicesOfPool, `${driver}/${pool}`),
    }
    /** Pods that are to go later. */
    const waiting = new Set<string>()
    const cancel = (key: string) => {
      if (!waiting.delete(key)) return
      const [namespace, name] = key.split('/')
      recorder.event({ kind: 'Pod', apiVersion: 'v1', namespace, name }, 'Normal', reason, 'Cancelling deletion')
    }
    return {
      ready: (signal) => Promise.all([allPods, claims, slices].map((informer) => informer.whenSynced(signal))),
      async sync(key) {
        const pod = allPods.get(key)
        if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) {
          waiting.delete(key)
          return undefined
        }
        const when = podEvictionTime(pod, lookups)
        if (when === undefined) return cancel(key)
        const leftMs = when - clock.now()
        if (leftMs > 0) {
          waiting.add(key)
          return { requeueAfterMs: leftMs }
        }
        waiting.delete(key)
        await evict(context, pod)
        total.inc()
        late.observe(Math.max(0, clock.now() - when) / 1000)
        return undefined
      },
      watch(queue) {
        const podSeen = (pod: Pod) => {
          if ((pod.spec?.resourceClaims ?? []).length > 0) queue.add(keyOf(pod))
        }
        const claimSeen = (claim: ResourceClaim) => allPods.byIndex(podsOfClaim, keyOf(claim)).forEach(podSeen)
        const sliceSeen = (slice: ResourceSlice) => claims.byIndex(claimsOfPool, poolOf(slice)).forEach(claimSeen)
        const stops = [
          allPods.subscribe({ added: podSeen, updated: podSeen, deleted: podSeen }),
          claims.subscribe({ added: claimSeen, updated: claimSeen, deleted: claimSeen }),
          slices.subscribe({ added: sliceSeen, updated: sliceSeen, deleted: sliceSeen }),
        ]
        return () => stops.forEach((stop) => stop())
      },
    }
  },
})

function poolOf({ spec }: ResourceSlice): string {
  return `${spec.driver}/${spec.pool.name}`
}

async function evict({ client, clock, recorder }: ControllerContext, { metadata }: Pod): Promise<void> {
  const key = { namespace: metadata.namespace, name: metadata.name ?? '' }
  try {
    const live = await client.get(pods, key)
    if (live.metadata.uid !== metadata.uid || live.metadata.deletionTimestamp !== undefined) return
    recorder.event(live, 'Normal', reason, 'Marking for deletion')
    const message = 'Device Taint manager: deleting due to NoExecute taint'
    const patch = disruptionPatch(live, 'DeletionByDeviceTaintManager', message, formatTime(clock.now()))
    await client.patch(pods, key, 'strategic', patch, { subresource: 'status' })
    await client.delete(pods, key, { preconditions: { uid: metadata.uid } })
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
}
