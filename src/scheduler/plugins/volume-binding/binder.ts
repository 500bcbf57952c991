import { persistentVolumeClaims } from '../../../api/core/v1/persistent-volume-claim.ts'
import { persistentVolumes } from '../../../api/core/v1/persistent-volume.ts'
import type { CSIStorageCapacity, PersistentVolume, PersistentVolumeClaim } from '../../../api/types.generated.ts'
import type { Client } from '../../../client/client.ts'
import { type Clock, sleep } from '../../../machinery/clock.ts'
import type { PodInfo } from '../../cache/pod-info.ts'
import type { Lookups } from '../../framework/lookups.ts'
import { boundByController, claimKeyOf, isFullyBound, selectedNode } from './claims.ts'
import { isReachable } from './volume-match.ts'

/** What is to be done for a pod's claims on a node. */
export interface VolumePlan {
  readonly bindings: readonly { readonly volume: PersistentVolume; readonly claim: PersistentVolumeClaim }[]
  readonly provisions: readonly PersistentVolumeClaim[]
  /** By claim: where its volume would be taken from, when the driver tells. */
  readonly capacities?: ReadonlyMap<PersistentVolumeClaim, CSIStorageCapacity>
}

const pollMs = 1000

/** Carries plans out, and remembers what is promised meanwhile (plugins/volumebinding/binder.go). */
export class VolumeBinder {
  readonly #client: Client
  readonly #clock: Clock
  readonly #lookups: Lookups
  readonly #timeoutMs: number
  /** Volumes by name, and claims by key, that a pod was promised, by the pod's uid. */
  readonly #promised = new Map<string, string>()

  constructor(client: Client, clock: Clock, lookups: Lookups, timeoutMs: number) {
    this.#timeoutMs = timeoutMs
    this.#client = client
    this.#clock = clock
    this.#lookups = lookups
  }

  isPromised(volumeName: string): boolean {
    return this.#promised.has(volumeName)
  }
  /** Whether another pod's node is being chosen for the claim. */
  isProvisioning(claim: PersistentVolumeClaim): boolean {
    return this.#promised.has(claimKeyOf(claim))
  }

  promise({ uid }: PodInfo, { bindings, provisions }: VolumePlan): void {
    for (const { volume } of bindings) this.#promised.set(volume.metadata.name ?? '', uid)
    for (const claim of provisions) this.#promised.set(claimKeyOf(claim), uid)
  }
  release({ uid }: PodInfo): void {
    for (const [name, owner] of this.#promised) if (owner === uid) this.#promised.delete(name)
  }

  /** Resolves when all claims of the plan are bound. */
  async bind(pod: PodInfo, node: string, plan: VolumePlan): Promise<void> {
    try {
      for (const { volume, claim } of plan.bindings) await this.#bindVolume(volume, claim)
      for (const claim of plan.provisions) await this.#selectNode(claim, node)
      const end = this.#clock.monotonic() + this.#timeoutMs
      while (!this.#isDone(node, plan)) {
        if (this.#clock.monotonic() >= end) throw new Error('context deadline exceeded')
        await sleep(this.#clock, pollMs)
      }
    } catch (error) {
      throw new Error(`binding volumes: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    } finally {
      this.release(pod)
    }
  }

  async #bindVolume(volume: PersistentVolume, claim: PersistentVolumeClaim): Promise<void> {
    const { name, namespace, uid, resourceVersion } = claim.metadata
    const { claimRef } = volume.spec ?? {}
    if (claimRef?.uid === uid && uid !== undefined) return
    // Reserved by hand: not ours to take back when the claim goes.
    const annotations = claimRef
      ? volume.metadata.annotations
      : { ...volume.metadata.annotations, [boundByController]: 'yes' }
    await this.#client.update(persistentVolumes, {
      ...volume,
      metadata: { ...volume.metadata, annotations },
      spec: {
        ...volume.spec,
        claimRef: { kind: 'PersistentVolumeClaim', apiVersion: 'v1', name, namespace, uid, resourceVersion },
      },
    })
  }

  async #selectNode(claim: PersistentVolumeClaim, node: string): Promise<void> {
    const annotations = { ...claim.metadata.annotations, [selectedNode]: node }
    await this.#client.update(persistentVolumeClaims, { ...claim, metadata: { ...claim.metadata, annotations } })
  }

  #isDone(nodeName: string, { bindings, provisions }: VolumePlan): boolean {
    const node = this.#lookups.node(nodeName)
    if (!node) throw new Error(`failed to get node "${nodeName}": node "${nodeName}" not found`)
    let done = true
    for (const { volume, claim } of bindings) {
      const { name = '', resourceVersion } = volume.metadata
      const now = this.#lookups.volume(name)
      if (!now) throw new Error(`failed to check binding: persistentvolume "${name}" not found`)
      // Our own copy is older than what we wrote.
      if (now.metadata.resourceVersion === resourceVersion && !now.spec?.claimRef?.uid) done = false
      else if (!isReachable(now, node)) throw new Error(`pv "${name}" node affinity doesn't match node "${nodeName}"`)
      else if (!now.spec?.claimRef?.uid) throw new Error(`ClaimRef got reset for pv "${name}"`)
      if (!isFullyBound(this.#claimNow(claim))) done = false
    }
    for (const claim of provisions) {
      const now = this.#claimNow(claim)
      if (now.metadata.resourceVersion === claim.metadata.resourceVersion) {
        done = false
        continue
      }
      if (now.metadata.annotations?.[selectedNode] !== nodeName) {
        throw new Error(`provisioning failed for PVC "${claim.metadata.name ?? ''}"`)
      }
      if (!isFullyBound(now)) done = false
    }
    return done
  }

  #claimNow(claim: PersistentVolumeClaim): PersistentVolumeClaim {
    const now = this.#lookups.claim(claimKeyOf(claim))
    if (!now) throw new Error(`failed to check binding: persistentvolumeclaim "${claim.metadata.name ?? ''}" not found`)
    return now
  }
}
