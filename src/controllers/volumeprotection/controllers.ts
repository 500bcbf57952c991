import { persistentVolumeClaims } from '../../api/core/v1/persistent-volume-claim.ts'
import { persistentVolumes } from '../../api/core/v1/persistent-volume.ts'
import { pods } from '../../api/core/v1/pod.ts'
import { volumeAttributesClasses } from '../../api/storage/v1/volume-attributes-class.ts'
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/types.generated.ts'
import { formatTime } from '../../machinery/clock.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { claimKeysOf, conditionsAfter, keepsClaim, refersToClaim } from './claim-use.ts'
import { protection } from './protection.ts'

const podsOfClaim = 'podsOfClaim'
const usersOfClass = 'usersOfVolumeAttributesClass'

/** Keeps claims that pods on nodes use, and tells in the condition `Unused` of bound ones whether any pod does. */
export const claimProtectionController = protection({
  name: 'pvc-protection-controller',
  for: persistentVolumeClaims,
  finalizer: 'kubernetes.io/pvc-protection',
  setup({ client, informers, clock }) {
    const allPods = informers.for(pods)
    allPods.addIndex(podsOfClaim, (pod: KubeObject) => claimKeysOf(pod as Pod))
    /** Asks the server too: a pod that is not in the cache yet would start without its data. */
    const isUsed = async (claim: PersistentVolumeClaim, uses: (pod: Pod, claim: PersistentVolumeClaim) => boolean) => {
      const { namespace = '', name = '' } = claim.metadata
      const cached = allPods.byIndex(podsOfClaim, `${namespace}/${name}`)
      if (cached.some((pod) => uses(pod, claim))) return true
      const { items } = await client.list(pods, { namespace })
      return items.some((pod) => uses(pod, claim))
    }
    return {
      needs: [allPods],
      isUsed: (claim) => isUsed(claim, keepsClaim),
      async also(claim) {
        // Before it is bound, its status is the binder's.
        if (claim.metadata.deletionTimestamp !== undefined || claim.status?.phase !== 'Bound') return
        const used = await isUsed(claim, refersToClaim)
        const conditions = conditionsAfter(claim, used, formatTime(clock.now()))
        if (conditions === undefined) return
        const told = { ...claim, status: { ...claim.status, conditions } }
        await client.update(persistentVolumeClaims, told, { subresource: 'status' })
      },
      watch(add) {
        const seen = (pod: Pod) => claimKeysOf(pod).forEach(add)
        return [
          allPods.subscribe({
            added: seen,
            updated(pod, old) {
              seen(pod)
              if (old.metadata.uid !== pod.metadata.uid) seen(old)
            },
            deleted: seen,
          }),
        ]
      },
    }
  },
})

/** Keeps volumes that are bound. */
export const volumeProtectionController = protection({
  name: 'pv-protection-controller',
  for: persistentVolumes,
  finalizer: 'kubernetes.io/pv-protection',
  setup: () => ({ isUsed: (volume) => volume.status?.phase === 'Bound' }),
})

function classesOfClaim({ spec, status }: PersistentVolumeClaim): string[] {
  const target = status?.modifyVolumeStatus?.targetVolumeAttributesClassName
  return [spec?.volumeAttributesClassName, status?.currentVolumeAttributesClassName, target].filter(
    (name): name is string => Boolean(name),
  )
}

function classesOfVolume({ spec }: PersistentVolume): string[] {
  return spec?.volumeAttributesClassName ? [spec.volumeAttributesClassName] : []
}

/** Keeps VolumeAttributesClasses that claims or volumes name. */
export const volumeAttributesClassProtectionController = protection({
  name: 'volumeattributesclass-protection-controller',
  for: volumeAttributesClasses,
  finalizer: 'kubernetes.io/vac-protection',
  setup({ informers }) {
    const [claims, volumes] = [informers.for(persistentVolumeClaims), informers.for(persistentVolumes)]
    claims.addIndex(usersOfClass, (claim: KubeObject) => classesOfClaim(claim as PersistentVolumeClaim))
    volumes.addIndex(usersOfClass, (volume: KubeObject) => classesOfVolume(volume as PersistentVolume))
    return {
      needs: [claims, volumes],
      isUsed: ({ metadata: { name = '' } }) =>
        volumes.byIndex(usersOfClass, name).length > 0 || claims.byIndex(usersOfClass, name).length > 0,
      watch: (add) => [
        claims.subscribe({
          updated: (_claim, old) => classesOfClaim(old).forEach(add),
          deleted: (claim) => classesOfClaim(claim).forEach(add),
        }),
        volumes.subscribe({
          updated: (_volume, old) => classesOfVolume(old).forEach(add),
          deleted: (volume) => classesOfVolume(volume).forEach(add),
        }),
      ],
    }
  },
})
