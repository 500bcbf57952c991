import type { AllocationResult, ResourceClaim } from '../../../api/types.generated.ts'
import { type InformerHandler, keyOf } from '../../../client/informer.ts'
import { AllocatedDevices } from './allocator/allocated-state.ts'

/**
 * The claims as the scheduler knows them: what it has written shows before the informer tells it, and what it has chosen
 * but not written yet counts as taken (dynamicresources/dra_manager.go). One for all profiles.
 */
export class ClaimTracker {
  readonly allocated: AllocatedDevices
  readonly #observed = new Map<string, ResourceClaim>()
  /** Newer than what was observed. */
  readonly #assumed = new Map<string, ResourceClaim>()
  /** Allocations on their way to the API, by the claim's uid. */
  readonly #pending = new Map<string, AllocationResult>()
  #whenAssumed: (claim: ResourceClaim, old: ResourceClaim) => void = () => {}

  /** `consumable`: whether claims may share devices (DRAConsumableCapacity). */
  constructor(consumable: boolean) {
    this.allocated = new AllocatedDevices(consumable)
  }

  /** What the informer is to call, before anyone who asks. */
  readonly handler: InformerHandler<ResourceClaim> = {
    added: (claim) => this.#observe(claim),
    updated: (claim, old) => {
      if (claim.metadata.uid !== old.metadata.uid) this.#gone(old)
      this.#observe(claim)
    },
    deleted: (claim) => this.#gone(claim),
  }
  /** Calls back when something that was written is known before the informer tells it. */
  whenAssumed(tell: (claim: ResourceClaim, old: ResourceClaim) => void): () => void {
    this.#whenAssumed = tell
    return () => {
      this.#whenAssumed = () => {}
    }
  }

  /** `key`: `namespace/name`. */
  get(key: string): ResourceClaim | undefined {
    return this.#assumed.get(key) ?? this.#observed.get(key)
  }
  *list(): Generator<ResourceClaim> {
    for (const key of this.#observed.keys()) yield this.get(key)!
    for (const [key, claim] of this.#assumed) if (!this.#observed.has(key)) yield claim
  }

  /** The API has answered with this claim. */
  assume(claim: ResourceClaim): void {
    const key = keyOf(claim)
    const old = this.get(key)
    if (old !== undefined && versionOf(old) >= versionOf(claim)) return
    this.#assumed.set(key, claim)
    this.#count(claim)
    if (old !== undefined) this.#whenAssumed(claim, old)
  }
  /** What was assumed did not come to be. */
  restore(key: string): void {
    const assumed = this.#assumed.get(key)
    if (assumed === undefined) return
    this.#assumed.delete(key)
    this.#count(this.#observed.get(key) ?? { ...assumed, status: {} })
  }

  pending(uid: string): AllocationResult | undefined {
    return this.#pending.get(uid)
  }
  setPending(claim: ResourceClaim, allocation: AllocationResult): void {
    this.#pending.set(claim.metadata.uid ?? '', allocation)
    this.#count(claim)
  }
  /** Whether it was pending. */
  endPending(claim: ResourceClaim): boolean {
    const was = this.#pending.delete(claim.metadata.uid ?? '')
    if (!was) return false
    const current = this.#current(claim)
    this.#count(current)
    // Pods that came while it was pending were sent away.
    if (current.status?.allocation !== undefined) this.#whenAssumed(current, { ...current, status: {} })
    return true
  }

  #current(claim: ResourceClaim): ResourceClaim {
    const current = this.get(keyOf(claim))
    return current?.metadata.uid === claim.metadata.uid && current !== undefined ? current : { ...claim, status: {} }
  }
  #observe(claim: ResourceClaim): void {
    const key = keyOf(claim)
    this.#observed.set(key, claim)
    const assumed = this.#assumed.get(key)
    if (assumed !== undefined && versionOf(claim) >= versionOf(assumed)) this.#assumed.delete(key)
    this.#count(this.get(key)!)
  }
  #gone(claim: ResourceClaim): void {
    const key = keyOf(claim)
    this.#observed.delete(key)
    this.#assumed.delete(key)
    this.allocated.set(claim.metadata.uid ?? '', this.#pending.get(claim.metadata.uid ?? ''))
  }
  #count({ metadata, status }: ResourceClaim): void {
    const uid = metadata.uid ?? ''
    this.allocated.set(uid, this.#pending.get(uid) ?? status?.allocation)
  }
}

function versionOf({ metadata }: ResourceClaim): number {
  return Number(metadata.resourceVersion ?? 0)
}
