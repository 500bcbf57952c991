import { pods } from '../../../api/core/v1/pod.ts'
import type { ResourceClaim } from '../../../api/types.generated.ts'
import type { Client } from '../../../client/client.ts'
import type { SeriesEventRecorder } from '../../../client/events/series-event-recorder.ts'
import { keyOf } from '../../../client/informer.ts'
import { type Clock, sleep } from '../../../machinery/clock.ts'
import type { PodInfo } from '../../cache/pod-info.ts'
import { bindingState, hasBindingConditions, isBindingOverdue } from './binding-conditions.ts'
import { isReservedFor } from './claim-checks.ts'
import type { ClaimTracker } from './claim-tracker.ts'
import type { ClaimWriter } from './claim-writer.ts'
import { isInMemory } from './extended-resources.ts'
import type { ClaimState, PodState } from './pod-state.ts'

const pollMs = 5000
const overdue = 'device binding timeout'

/** Writes a pod's claims once its node is chosen, and waits for devices that have to become ready there. */
export class PodBinding {
  readonly #client: Client
  readonly #clock: Clock
  readonly #events: SeriesEventRecorder | undefined
  readonly #writer: ClaimWriter
  readonly #tracker: () => ClaimTracker
  readonly #timeoutMs: number
  readonly #waits: boolean

  constructor(options: {
    readonly client: Client
    readonly clock: Clock
    readonly events?: SeriesEventRecorder
    readonly writer: ClaimWriter
    readonly tracker: () => ClaimTracker
    readonly bindingTimeoutMs: number
    /** Whether devices are waited for. */
    readonly waits: boolean
  }) {
    this.#client = options.client
    this.#clock = options.clock
    this.#events = options.events
    this.#writer = options.writer
    this.#tracker = options.tracker
    this.#timeoutMs = options.bindingTimeoutMs
    this.#waits = options.waits
  }

  async bind(state: PodState, pod: PodInfo, node: string): Promise<void> {
    for (const each of state.claims)
      if (!isReservedFor(each.claim, pod.pod)) await this.#bindClaim(state, each, pod, node)
    for (const { promisedTo } of state.claims) if (promisedTo !== undefined) this.#tracker().endPending(promisedTo)
    if (this.#waits && state.claims.some(({ claim }) => hasBindingConditions(claim)))
      await this.#ready(state, pod, node)
  }

  /** Takes back what was promised, and what was written for the pod. */
  undo({ claims }: PodState, { uid }: PodInfo): void {
    for (const { claim, promisedTo, isExtended } of claims) {
      if (promisedTo !== undefined && this.#tracker().endPending(promisedTo)) this.#tracker().restore(keyOf(claim))
      if (isExtended) {
        if (!isInMemory(claim)) this.#writer.remove(claim).catch(() => {})
      } else if (claim.status?.allocation !== undefined && claim.status.reservedFor?.some((each) => each.uid === uid)) {
        // Where it fails, the claim's controller does it.
        this.#writer.unreserve(claim, uid).catch(() => {})
      }
    }
  }

  async #bindClaim({ byNode }: PodState, state: ClaimState, pod: PodInfo, node: string): Promise<void> {
    const allocation = state.promised
    // The node offers the extended resources by itself.
    if (state.isExtended && allocation === undefined && state.claim.spec.devices?.requests === undefined) return
    const found = byNode.get(node)
    if (state.isExtended && isInMemory(state.claim)) {
      if (found?.extended === undefined) throw new Error(`extended resource claim not found for node ${node}`)
      state.claim = await this.#writer.create(found.extended)
    }
    state.claim = await this.#writer.bind(state.claim, { name: pod.name, uid: pod.uid }, allocation)
    this.#tracker().assume(state.claim)
    if (!state.isExtended) return
    if (found === undefined || found.mappings.length === 0)
      throw new Error(
        `nil or empty request mappings, no update of pod ${pod.namespace}/${pod.name} ExtendedResourceClaimStatus`,
      )
    const extendedResourceClaimStatus = {
      requestMappings: found.mappings,
      resourceClaimName: state.claim.metadata.name,
    }
    const key = { namespace: pod.namespace, name: pod.name }
    const patch = { status: { extendedResourceClaimStatus } }
    await this.#client.patch(pods, key, 'strategic', patch, { subresource: 'status' })
  }

  /** Throws when a device fails, or takes too long. */
  async #ready({ claims }: PodState, { pod }: PodInfo, node: string): Promise<void> {
    const note = `waiting for binding conditions for device on node ${node}`
    this.#events?.event(pod, undefined, 'Normal', 'BindingConditionsPending', 'Scheduling', note)
    const end = this.#clock.monotonic() + this.#timeoutMs
    while (!claims.every((each) => this.#isReady(each))) {
      if (this.#clock.monotonic() >= end) throw new Error(`${overdue}: context deadline exceeded`)
      await sleep(this.#clock, pollMs)
    }
  }

  #isReady(state: ClaimState): boolean {
    const claim: ResourceClaim | undefined = this.#tracker().get(keyOf(state.claim))
    if (claim === undefined) throw new Error(`could not find ResourceClaim "${keyOf(state.claim)}"`)
    state.claim = claim
    const now = bindingState(claim)
    if (typeof now === 'object') throw new Error(now.failed)
    if (now === 'waiting' && isBindingOverdue(claim, this.#clock.now(), this.#timeoutMs))
      throw new Error(`${overdue}: claim=${claim.metadata.name}`)
    return now === 'ready'
  }
}
