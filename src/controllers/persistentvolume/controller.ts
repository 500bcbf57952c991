import { persistentVolumeClaims } from '../../api/core/v1/persistent-volume-claim.ts'
import { persistentVolumes } from '../../api/core/v1/persistent-volume.ts'
import { pods } from '../../api/core/v1/pod.ts'
import { storageClassOf } from '../../api/core/v1/storage-columns.ts'
import { storageClasses } from '../../api/storage/v1/storage-class.ts'
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/types.generated.ts'
import { keyOf } from '../../client/informer.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { defineSync } from '../runtime/define-sync.ts'
import { claimKeysOf } from '../volumeprotection/claim-use.ts'
import { Binder } from './binder.ts'
import { bindCompleted, claimKey, hasAnnotation } from './bindings.ts'
import { volumeMetrics } from './metrics.ts'
import { NewestObjects } from './newest-objects.ts'
import { syncClaim } from './sync-claim.ts'
import { syncVolume } from './sync-volume.ts'

const podsOfClaim = 'podsOfClaim'
const volumesOfClaim = 'volumesOfClaim'
/** Claims that wait for a volume, by their class. */
const waitingOfClass = 'waitingClaimsOfClass'

/**
 * PersistentVolume binder: brings volumes and claims together (pkg/controller/volume/persistentvolume). Keys are
 * `claim/NAMESPACE/NAME` and `volume/NAME`. One worker, for two could give one volume to two claims.
 */
export const persistentVolumeController = defineSync({
  name: 'persistent-volume-binder',
  eventSource: 'persistentvolume-controller',
  workers: 1,
  setup(context) {
    const { client, informers, recorder } = context
    const [allVolumes, allClaims] = [informers.for(persistentVolumes), informers.for(persistentVolumeClaims)]
    const [allClasses, allPods] = [informers.for(storageClasses), informers.for(pods)]
    allPods.addIndex(podsOfClaim, (pod: KubeObject) => claimKeysOf(pod as Pod))
    allVolumes.addIndex(volumesOfClaim, ({ spec }: PersistentVolume) =>
      spec.claimRef ? [claimKey(spec.claimRef)] : [],
    )
    allClaims.addIndex(waitingOfClass, (claim: PersistentVolumeClaim) =>
      hasAnnotation(claim, bindCompleted) ? [] : [storageClassOf(claim)],
    )
    const binder = new Binder({
      client,
      recorder,
      volumes: new NewestObjects(allVolumes),
      claims: new NewestObjects(allClaims),
    })
    const metrics = volumeMetrics(context)
    metrics.read({ volumes: allVolumes, claims: allClaims })
    const around = {
      metrics,
      classNamed: (name: string) => allClasses.get(name),
      classes: () => allClasses.list(),
      podsOf: (claim: PersistentVolumeClaim) => allPods.byIndex(podsOfClaim, keyOf(claim)),
    }
    let wakeClaim: (key: string) => void = () => {}

    return {
      ready: (signal) =>
        Promise.all([allVolumes, allClaims, allClasses, allPods].map((informer) => informer.whenSynced(signal))),
      async sync(key) {
        const [what, ...rest] = key.split('/')
        const name = rest.join('/')
        if (what === 'volume') {
          const volume = binder.volumes.get(name)
          if (volume !== undefined) await syncVolume(binder, volume, wakeClaim)
          return
        }
        const claim = binder.claims.get(name)
        if (claim !== undefined) await syncClaim(binder, claim, around)
      },
      watch(queue) {
        wakeClaim = (key) => queue.add(`claim/${key}`)
        const wakeVolume = (name: string) => queue.add(`volume/${name}`)
        const wakeWaiting = (className: string) => {
          for (const claim of allClaims.byIndex(waitingOfClass, className)) wakeClaim(keyOf(claim))
        }
        const volumeSeen = (volume: PersistentVolume, old?: PersistentVolume) => {
          wakeVolume(volume.metadata.name!)
          if (volume.spec.claimRef) wakeClaim(claimKey(volume.spec.claimRef))
          else if (old === undefined || old.status?.phase !== volume.status?.phase || old.spec.claimRef)
            wakeWaiting(storageClassOf(volume))
        }
        const podSeen = (pod: Pod, old?: Pod) => {
          if (old !== undefined && old.spec.nodeName === pod.spec.nodeName) return
          for (const key of claimKeysOf(pod)) {
            const claim = allClaims.get(key)
            if (claim !== undefined && !hasAnnotation(claim, bindCompleted)) wakeClaim(key)
          }
        }
        const classSeen = ({ metadata }: KubeObject) => {
          wakeWaiting(metadata.name!)
          wakeWaiting('')
        }
        const stops = [
          allVolumes.subscribe({
            added: volumeSeen,
            updated: volumeSeen,
            deleted: ({ spec }) => (spec.claimRef ? wakeClaim(claimKey(spec.claimRef)) : undefined),
          }),
          allClaims.subscribe({
            added: (claim) => wakeClaim(keyOf(claim)),
            updated: (claim) => wakeClaim(keyOf(claim)),
            deleted(claim) {
              if (claim.spec.volumeName) wakeVolume(claim.spec.volumeName)
              for (const volume of allVolumes.byIndex(volumesOfClaim, keyOf(claim))) wakeVolume(volume.metadata.name!)
            },
          }),
          allClasses.subscribe({ added: classSeen, updated: classSeen }),
          allPods.subscribe({ added: podSeen, updated: podSeen }),
        ]
        return () => {
          for (const stop of stops) stop()
        }
      },
    }
  },
})
