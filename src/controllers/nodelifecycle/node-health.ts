import type { Lease, Node } from '../../api/types.generated.ts'
import type { Clock } from '../../machinery/clock.ts'
import { nodeCondition } from '../nodes/node-state.ts'
import { timeOf } from '../pods/pod-state.ts'

interface Seen {
  /** When the node was last heard of, by our own clock: those of nodes may be wrong. */
  probeMs: number
  heartbeat: string | undefined
  renewTime: string | undefined
  leaseVersion: string | undefined
}

/** When each node was last heard of: it renews its lease, or posts its status (KEP-589). */
export class NodeHealth {
  readonly #clock: Clock
  readonly #startupMs: number
  readonly #graceMs: number
  readonly #seen = new Map<string, Seen>()

  constructor(clock: Clock, options: { readonly startupMs: number; readonly graceMs: number }) {
    this.#clock = clock
    this.#startupMs = options.startupMs
    this.#graceMs = options.graceMs
  }
  /** In how many ms the node counts as lost, if it stays silent; ≤ 0: now. */
  remainingMs(node: Node, lease: Lease | undefined): number {
    const now = this.#clock.monotonic()
    const name = node.metadata.name ?? ''
    const ready = nodeCondition(node, 'Ready')
    const heartbeat = ready?.lastHeartbeatTime
    let seen = this.#seen.get(name)
    if (seen === undefined) {
      const age = this.#clock.now() - (timeOf(node.metadata.creationTimestamp) ?? this.#clock.now())
      const probeMs = ready === undefined ? now - Math.max(0, age) : now
      seen = { probeMs, heartbeat, renewTime: undefined, leaseVersion: undefined }
      this.#seen.set(name, seen)
    } else if (seen.heartbeat !== heartbeat) {
      seen.heartbeat = heartbeat
      seen.probeMs = now
    }
    if (lease !== undefined) this.renewed(lease)
    return seen.probeMs + (ready === undefined ? this.#startupMs : this.#graceMs) - now
  }
  renewed({ metadata, spec }: Lease): void {
    const seen = this.#seen.get(metadata.name ?? '')
    if (seen === undefined) return
    if (spec?.renewTime !== undefined && (seen.renewTime === undefined || spec.renewTime > seen.renewTime)) {
      seen.renewTime = spec.renewTime
      seen.probeMs = this.#clock.monotonic()
    }
    seen.leaseVersion = metadata.resourceVersion
  }
  /** Whether the lease, as the server has it, is newer than what our cache showed. */
  isNews(lease: Lease): boolean {
    return this.#seen.get(lease.metadata.name ?? '')?.leaseVersion !== lease.metadata.resourceVersion
  }
  forget(name: string): void {
    this.#seen.delete(name)
  }
  /** All nodes get their full time again. */
  reset(): void {
    for (const seen of this.#seen.values()) seen.probeMs = this.#clock.monotonic()
  }
}
