import { persistentVolumeClaims } from '../../api/core/v1/persistent-volume-claim.ts'
import { persistentVolumes } from '../../api/core/v1/persistent-volume.ts'
import type { ObjectReference, PersistentVolume, PersistentVolumeClaim } from '../../api/types.generated.ts'
import type { Client } from '../../client/client.ts'
import type { EventRecorder, EventType } from '../../client/events/event-recorder.ts'
import { isReason } from '../../machinery/errors.ts'
import { boundClaim, boundVolume, claimKey, claimStatus, unboundVolume } from './bindings.ts'
import type { NewestObjects } from './newest-objects.ts'

/** Writes both sides of a binding: the volume first, for whoever dies in between is understood from there. */
export class Binder {
  readonly volumes: NewestObjects<PersistentVolume>
  readonly claims: NewestObjects<PersistentVolumeClaim>
  readonly #client: Client
  readonly #recorder: EventRecorder

  constructor(options: {
    readonly client: Client
    readonly recorder: EventRecorder
    readonly volumes: NewestObjects<PersistentVolume>
    readonly claims: NewestObjects<PersistentVolumeClaim>
  }) {
    this.volumes = options.volumes
    this.claims = options.claims
    this.#client = options.client
    this.#recorder = options.recorder
  }

  async bind(volume: PersistentVolume, claim: PersistentVolumeClaim): Promise<void> {
    const withClaim = boundVolume(volume, claim)
    const first = withClaim === undefined ? volume : await this.saveVolume(withClaim)
    const bound = await this.setVolumePhase(first, 'Bound')
    const withVolume = boundClaim(claim, bound)
    await this.setClaimPhase(withVolume === undefined ? claim : await this.saveClaim(withVolume), 'Bound', bound)
  }
  async unbind(volume: PersistentVolume): Promise<void> {
    await this.setVolumePhase(await this.saveVolume(unboundVolume(volume)), 'Available')
  }
  async setVolumePhase(
    volume: PersistentVolume,
    phase: NonNullable<PersistentVolume['status']['phase']>,
    message?: string,
  ): Promise<PersistentVolume> {
    if (volume.status?.phase === phase) return volume
    const { message: _, ...rest } = volume.status ?? {}
    const status = message === undefined ? { ...rest, phase } : { ...rest, phase, message }
    const told = { ...volume, status }
    return this.volumes.wrote(await this.#client.update(persistentVolumes, told, { subresource: 'status' }))
  }
  async setClaimPhase(
    claim: PersistentVolumeClaim,
    phase: 'Pending' | 'Bound' | 'Lost',
    volume?: PersistentVolume,
  ): Promise<void> {
    const status = claimStatus(claim, phase, volume)
    if (status === undefined) return
    const told = { ...claim, status }
    this.claims.wrote(await this.#client.update(persistentVolumeClaims, told, { subresource: 'status' }))
  }
  async saveClaim(claim: PersistentVolumeClaim): Promise<PersistentVolumeClaim> {
    return this.claims.wrote(await this.#client.update(persistentVolumeClaims, claim))
  }
  tell(about: PersistentVolume | PersistentVolumeClaim, type: EventType, reason: string, message: string): void {
    this.#recorder.event(about, type, reason, message)
  }
  /** As the server knows it: a cache may be behind, and a volume would be given up for nothing. */
  async liveClaim(ref: ObjectReference): Promise<PersistentVolumeClaim | undefined> {
    const [namespace = '', name = ''] = claimKey(ref).split('/')
    try {
      return await this.#client.get(persistentVolumeClaims, { namespace, name })
    } catch (error) {
      if (isReason(error, 'NotFound')) return undefined
      throw error
    }
  }
  async saveVolume(volume: PersistentVolume): Promise<PersistentVolume> {
    return this.volumes.wrote(await this.#client.update(persistentVolumes, volume))
  }
}
