import { nodes } from '../../api/core/v1/node.ts'
import { persistentVolumeClaims } from '../../api/core/v1/persistent-volume-claim.ts'
import { persistentVolumes } from '../../api/core/v1/persistent-volume.ts'
import { storageClassOf } from '../../api/core/v1/storage-columns.ts'
import { storageClasses } from '../../api/storage/v1/storage-class.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types.generated.ts'
import { keyOf } from '../../client/informer.ts'
import { isReason } from '../../machinery/errors.ts'
import { provisionedBy, provisionerMarks, selectedNode } from '../persistentvolume/bindings.ts'
import { defineSync } from '../runtime/define-sync.ts'
import { localProvisioner, localVolume, refusal } from './local-volume.ts'

const waitingOfClass = 'localClaimsOfClass'

/**
 * Makes volumes for claims of StorageClasses with the provisioner `local-volumes.skiff`, and deletes them with their
 * claims; marks, names and events are those of sig-storage-lib-external-provisioner. Keys: `claim/NAMESPACE/NAME`,
 * `volume/NAME`.
 */
export const localVolumeProvisioner = defineSync({
  name: 'local-volume-provisioner',
  eventSource: localProvisioner,
  enabled: ({ localVolumeFolder }) => localVolumeFolder !== undefined,
  setup({ client, informers, recorder, options }) {
    const folder = options.localVolumeFolder!
    const [claims, volumes] = [informers.for(persistentVolumeClaims), informers.for(persistentVolumes)]
    const [classes, allNodes] = [informers.for(storageClasses), informers.for(nodes)]
    claims.addIndex(waitingOfClass, (claim: PersistentVolumeClaim) => (isOurs(claim) ? [storageClassOf(claim)] : []))

    const provision = async (claim: PersistentVolumeClaim) => {
      const storageClass = classes.get(storageClassOf(claim))
      if (storageClass?.provisioner !== localProvisioner) return
      const node = allNodes.get(claim.metadata.annotations?.[selectedNode] ?? '')
      // Immediate binding names no node, and where the pods will run nobody knows yet.
      if (node === undefined && storageClass.volumeBindingMode === 'WaitForFirstConsumer') return
      const fail = (why: string) =>
        recorder.event(
          claim,
          'Warning',
          'ProvisioningFailed',
          `failed to provision volume with StorageClass "${storageClass.metadata.name}": ${why}`,
        )
      const why =
        refusal(claim) ?? (node === undefined ? 'its volumeBindingMode must be WaitForFirstConsumer' : undefined)
      if (why !== undefined) return fail(why)
      const hostname = node!.metadata.labels?.['kubernetes.io/hostname'] ?? node!.metadata.name!
      const volume = localVolume(claim, storageClass, hostname, folder)
      if (volumes.get(volume.metadata.name!) !== undefined) return
      const name = `"${claim.metadata.namespace}/${claim.metadata.name}"`
      recorder.event(claim, 'Normal', 'Provisioning', `External provisioner is provisioning volume for claim ${name}`)
      try {
        await client.create(persistentVolumes, volume)
      } catch (error) {
        if (isReason(error, 'AlreadyExists')) return
        fail((error as Error).message)
        throw error
      }
      const message = `Successfully provisioned volume ${volume.metadata.name}`
      recorder.event(claim, 'Normal', 'ProvisioningSucceeded', message)
    }
    const remove = async ({ metadata, spec, status }: PersistentVolume) => {
      const isDone = status?.phase === 'Released' && spec.persistentVolumeReclaimPolicy === 'Delete'
      if (!isDone || metadata.annotations?.[provisionedBy] !== localProvisioner || metadata.deletionTimestamp) return
      await client.delete(persistentVolumes, { name: metadata.name! }, { preconditions: { uid: metadata.uid } })
    }

    return {
      ready: (signal) =>
        Promise.all([claims, volumes, classes, allNodes].map((informer) => informer.whenSynced(signal))),
      async sync(key) {
        const [what, ...rest] = key.split('/')
        const name = rest.join('/')
        if (what === 'volume') {
          const volume = volumes.get(name)
          if (volume !== undefined) await remove(volume)
          return
        }
        const claim = claims.get(name)
        if (claim !== undefined && isOurs(claim)) await provision(claim)
      },
      watch(queue) {
        const claimSeen = (claim: PersistentVolumeClaim) => {
          if (isOurs(claim)) queue.add(`claim/${keyOf(claim)}`)
        }
        const volumeSeen = ({ metadata }: PersistentVolume) => queue.add(`volume/${metadata.name}`)
        const classSeen = ({ metadata }: { readonly metadata: { readonly name?: string } }) => {
          for (const claim of claims.byIndex(waitingOfClass, metadata.name ?? '')) claimSeen(claim)
        }
        const ends = [
          claims.subscribe({ added: claimSeen, updated: claimSeen }),
          volumes.subscribe({ added: volumeSeen, updated: volumeSeen }),
          classes.subscribe({ added: classSeen, updated: classSeen }),
        ]
        return () => ends.forEach((end) => end())
      },
    }
  },
})

/** The binder has marked it for us, and no volume is there yet. */
function isOurs({ metadata, spec }: PersistentVolumeClaim): boolean {
  const marked = provisionerMarks.some((mark) => metadata.annotations?.[mark] === localProvisioner)
  return marked && !spec.volumeName && metadata.deletionTimestamp === undefined
}
