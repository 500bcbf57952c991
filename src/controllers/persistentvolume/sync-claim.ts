import { storageClassOf } from '../../api/core/v1/storage-columns.ts'
import type { PersistentVolumeClaim, Pod, StorageClass } from '../../api/types.generated.ts'
import type { Binder } from './binder.ts'
import {
  bindCompleted,
  boundByController,
  claimKey,
  forProvisioner,
  hasAnnotation,
  provisionerMarks,
  selectedNode,
} from './bindings.ts'
import { successorOf, withMigration } from './csi-migration.ts'
import { isBoundTo } from '../../api/core/v1/persistent-volume/match.ts'
import type { volumeMetrics } from './metrics.ts'
import { defaultClass, findVolume, mismatch } from './match.ts'

/** What a claim's fate depends on besides volumes. */
export interface Surroundings {
  readonly metrics: Pick<ReturnType<typeof volumeMetrics>, 'given' | 'notGiven'>
  readonly classNamed: (name: string) => StorageClass | undefined
  readonly classes: () => readonly StorageClass[]
  /** Pods that name the claim. */
  readonly podsOf: (claim: PersistentVolumeClaim) => readonly Pod[]
}

/** Finds a volume for a claim, or keeps the pair together (pv_controller.go syncClaim). */
export async function syncClaim(binder: Binder, seen: PersistentVolumeClaim, around: Surroundings): Promise<void> {
  const migrated = withMigration(seen, provisionerMarks)
  const claim = migrated === undefined ? seen : await binder.saveClaim(migrated)
  if (hasAnnotation(claim, bindCompleted)) return syncBound(binder, claim)
  return claim.spec.volumeName ? syncWithVolume(binder, claim) : syncWithoutVolume(binder, claim, around)
}

async function syncWithoutVolume(binder: Binder, claim: PersistentVolumeClaim, around: Surroundings): Promise<void> {
  const className = storageClassOf(claim)
  const delayed = className !== '' && around.classNamed(className)?.volumeBindingMode === 'WaitForFirstConsumer'
  const volume = findVolume(claim, binder.volumes.list(), delayed)
  if (volume !== undefined) return binder.bind(volume, claim)

  const hasClass =
    claim.spec.storageClassName !== undefined || hasAnnotation(claim, 'volume.beta.kubernetes.io/storage-class')
  const fallback = hasClass ? undefined : defaultClass(around.classes())
  if (fallback !== undefined) {
    const { given, notGiven } = around.metrics
    try {
      await binder.saveClaim({ ...claim, spec: { ...claim.spec, storageClassName: fallback.metadata.name } })
      given.inc()
    } catch (error) {
      notGiven.inc()
      throw error
    }
    return
  }
  if (delayed && !hasAnnotation(claim, selectedNode)) {
    const { reason, message } = whatIsAwaited(around.podsOf(claim))
    binder.tell(claim, 'Normal', reason, message)
  } else if (className !== '') return provision(binder, claim, className, around)
  else {
    const message = 'no persistent volumes available for this claim and no storage class is set'
    binder.tell(claim, 'Normal', 'FailedBinding', message)
  }
  await binder.setClaimPhase(claim, 'Pending')
}

function whatIsAwaited(all: readonly Pod[]): { readonly reason: string; readonly message: string } {
  const names = all
    .filter(({ status, spec }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed' && !spec.nodeName)
    .map(({ metadata }) => metadata.name)
  if (names.length === 0) {
    return { reason: 'WaitForFirstConsumer', message: 'waiting for first consumer to be created before binding' }
  }
  const message = `waiting for ${names.length > 1 ? 'pods' : 'pod'} ${names.join(',')} to be scheduled`
  return { reason: 'WaitForPodScheduled', message }
}

/** Volumes are made by provisioners outside, which wait for the claim to be marked for them. */
async function provision(
  binder: Binder,
  claim: PersistentVolumeClaim,
  className: string,
  around: Surroundings,
): Promise<void> {
  const named = around.classNamed(className)?.provisioner
  const provisioner = named === undefined ? undefined : (successorOf(named) ?? named)
  if (provisioner === undefined || provisioner.startsWith('kubernetes.io/')) {
    const why =
      provisioner === undefined
        ? `storageclass.storage.k8s.io "${className}" not found`
        : `no volume plugin matched name: ${provisioner}`
    binder.tell(claim, 'Warning', 'ProvisioningFailed', why)
    return
  }
  const marked = forProvisioner(claim, provisioner)
  const saved = marked === undefined ? claim : await binder.saveClaim(marked)
  const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`
  binder.tell(saved, 'Normal', 'ExternalProvisioning', message)
}

async function syncWithVolume(binder: Binder, claim: PersistentVolumeClaim): Promise<void> {
  const name = claim.spec.volumeName!
  const volume = binder.volumes.get(name)
  if (volume === undefined) return binder.setClaimPhase(claim, 'Pending')
  const { claimRef } = volume.spec
  if (claimRef === undefined) {
    const problem = mismatch(volume, claim)
    if (problem === undefined) return binder.bind(volume, claim)
    binder.tell(claim, 'Warning', 'VolumeMismatch', `Cannot bind to requested volume "${name}": ${problem}`)
    return binder.setClaimPhase(claim, 'Pending')
  }
  if (isBoundTo(volume, claim)) return binder.bind(volume, claim)
  binder.tell(claim, 'Warning', 'FailedBinding', `volume "${name}" already bound to a different claim.`)
  if (!hasAnnotation(claim, boundByController)) return binder.setClaimPhase(claim, 'Pending')
  const { namespace, name: claimName } = claim.metadata
  throw new Error(
    `invalid binding of claim "${namespace}/${claimName}" to volume "${name}": volume already claimed by "${claimKey(claimRef)}"`,
  )
}

async function syncBound(binder: Binder, claim: PersistentVolumeClaim): Promise<void> {
  const { volumeName } = claim.spec
  const lost = async (reason: string, message: string) => {
    if (claim.status?.phase === 'Lost') return
    await binder.setClaimPhase(claim, 'Lost')
    binder.tell(claim, 'Warning', reason, message)
  }
  if (!volumeName) {
    return lost('ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!')
  }
  const volume = binder.volumes.get(volumeName)
  if (volume === undefined) {
    return lost('ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!')
  }
  const { claimRef } = volume.spec
  if (claimRef === undefined || claimRef.uid === claim.metadata.uid) return binder.bind(volume, claim)
  return lost('ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly')
}
