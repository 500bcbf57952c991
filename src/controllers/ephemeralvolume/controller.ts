import { persistentVolumeClaims } from '../../api/core/v1/persistent-volume-claim.ts'
import { pods } from '../../api/core/v1/pod.ts'
import type { Pod } from '../../api/types.generated.ts'
import { keyOf } from '../../client/informer.ts'
import { controllerOf } from '../../machinery/meta/object.ts'
import { controllerMetrics } from '../runtime/controller-metrics.ts'
import { defineSync } from '../runtime/define-sync.ts'
import { claimOfVolume, foreignClaim } from './ephemeral-claim.ts'

/** pkg/controller/volume/ephemeral/metrics */
const creations = controllerMetrics((registry) => ({
  created: registry.counter('ephemeral_volume_controller_create_total', 'Claims that were to be made.').labels(),
  failed: registry.counter('ephemeral_volume_controller_create_failures_total', 'Claims that were not.').labels(),
}))

/** Makes the claims of pods' ephemeral volumes (pkg/controller/volume/ephemeral). */
export const ephemeralVolumeController = defineSync({
  name: 'ephemeral-volume-controller',
  eventSource: 'ephemeral_volume',
  setup(context) {
    const { client, informers, recorder } = context
    const { created, failed } = creations(context)
    const [allPods, claims] = [informers.for(pods), informers.for(persistentVolumeClaims)]
    return {
      ready: (signal) => Promise.all([allPods.whenSynced(signal), claims.whenSynced(signal)]),
      watch(queue) {
        const seen = (pod: Pod) => {
          if (pod.metadata.deletionTimestamp === undefined && pod.spec?.volumes?.some(({ ephemeral }) => ephemeral))
            queue.add(keyOf(pod))
        }
        // Volumes of a pod never change, and its claims go with it.
        const ends = [
          allPods.subscribe({ added: seen }),
          claims.subscribe({
            deleted(claim) {
              const owner = controllerOf(claim)
              if (owner?.kind === 'Pod') queue.add(`${claim.metadata.namespace ?? ''}/${owner.name}`)
            },
          }),
        ]
        return () => ends.forEach((end) => end())
      },
      async sync(key) {
        const pod = allPods.get(key)
        if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return
        for (const volume of pod.spec?.volumes ?? []) {
          const wanted = claimOfVolume(pod, volume)
          if (wanted === undefined) continue
          const fail = (why: string) => {
            const message = `ephemeral volume ${volume.name}: ${why}`
            recorder.event(pod, 'Warning', 'FailedBinding', message)
            return new Error(`pod ${key}, ${message}`)
          }
          const claim = claims.get(keyOf(wanted))
          if (claim === undefined) {
            created.inc()
            await client.create(persistentVolumeClaims, wanted).catch((error: unknown) => {
              failed.inc()
              const why = error instanceof Error ? error.message : String(error)
              throw fail(`create PVC ${wanted.metadata.name ?? ''}: ${why}`)
            })
            continue
          }
          const foreign = foreignClaim(pod, claim)
          if (foreign !== undefined) throw fail(foreign)
        }
      },
    }
  },
})
