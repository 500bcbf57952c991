import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types.generated.ts'
import type { Binder } from './binder.ts'
import { claimKey, hasAnnotation, provisionedBy } from './bindings.ts'
import { migratedTo, withMigration } from './csi-migration.ts'
import { sameVolumeMode } from '../../api/core/v1/persistent-volume/match.ts'

/** Follows a volume from free to bound to released (pv_controller.go syncVolume). `wakeClaim`: has a claim looked at. */
export async function syncVolume(
  binder: Binder,
  seen: PersistentVolume,
  wakeClaim: (key: string) => void,
): Promise<void> {
  const migrated = withMigration(seen, [provisionedBy])
  const volume = migrated === undefined ? seen : await binder.saveVolume(migrated)
  const { claimRef } = volume.spec
  if (!claimRef?.uid) {
    await binder.setVolumePhase(volume, 'Available')
    return
  }
  const claim = await claimOf(binder, volume)
  if (claim === undefined) return release(binder, volume)
  const { volumeName } = claim.spec
  if (!volumeName) {
    if (sameVolumeMode(claim, volume)) return wakeClaim(claimKey(claimRef))
    const why = 'due to incompatible volumeMode.'
    const [volumeText, claimText] = [
      `Cannot bind PersistentVolume to requested PersistentVolumeClaim "${claim.metadata.name}" ${why}`,
      `Cannot bind PersistentVolume "${volume.metadata.name}" to requested PersistentVolumeClaim ${why}`,
    ]
    binder.tell(volume, 'Warning', 'VolumeMismatch', volumeText)
    binder.tell(claim, 'Warning', 'VolumeMismatch', claimText)
    return
  }
  if (volumeName === volume.metadata.name) {
    await binder.setVolumePhase(volume, 'Bound')
    return
  }
  // The claim has got another one. What was made for it alone is of no use any more.
  const madeForIt = hasAnnotation(volume, provisionedBy) && volume.spec.persistentVolumeReclaimPolicy === 'Delete'
  return madeForIt ? release(binder, volume) : binder.unbind(volume)
}

/** The claim that the volume is bound to; undefined when there is none, or only another one of that name. */
async function claimOf(binder: Binder, volume: PersistentVolume): Promise<PersistentVolumeClaim | undefined> {
  const ref = volume.spec.claimRef!
  const known = binder.claims.get(claimKey(ref))
  if (known?.metadata.uid === ref.uid) return known
  const { phase } = volume.status ?? {}
  if (known === undefined && (phase === 'Released' || phase === 'Failed')) return undefined
  const live = await binder.liveClaim(ref)
  return live?.metadata.uid === ref.uid ? live : undefined
}

async function release(binder: Binder, volume: PersistentVolume): Promise<void> {
  const { phase } = volume.status ?? {}
  const released = phase === 'Released' || phase === 'Failed' ? volume : await binder.setVolumePhase(volume, 'Released')
  await reclaim(binder, released)
}

/**
 * What has been provisioned from outside is deleted from outside, too. No kind of volume is deleted or recycled by the
 * control plane itself, which does not reach the nodes' disks.
 */
async function reclaim(binder: Binder, volume: PersistentVolume): Promise<void> {
  const fail = async (reason: string, message: string) => {
    if (volume.status?.phase === 'Failed') return
    binder.tell(await binder.setVolumePhase(volume, 'Failed', message), 'Warning', reason, message)
  }
  if (volume.metadata.annotations?.[migratedTo]) return
  switch (volume.spec.persistentVolumeReclaimPolicy) {
    case 'Retain':
      return
    case 'Recycle':
      return fail('VolumeFailedRecycle', 'No recycler plugin found for the volume!')
    case 'Delete': {
      const provisioner = volume.metadata.annotations?.[provisionedBy]
      const { name } = volume.metadata
      if (provisioner) {
        if (!provisioner.startsWith('kubernetes.io/')) return
        return fail('VolumeFailedDelete', `no volume plugin matched name: ${provisioner}`)
      }
      if (volume.spec.csi !== undefined) return
      const why = `error getting deleter volume plugin for volume "${name}": no deletable volume plugin matched`
      return fail('VolumeFailedDelete', why)
    }
    default:
      return fail('VolumeUnknownReclaimPolicy', 'Volume has unrecognized PersistentVolumeReclaimPolicy')
  }
}
