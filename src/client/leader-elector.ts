import { leases } from '../api/coordination/v1/lease.ts'
import type { Lease, LeaseSpec } from '../api/types.generated.ts'
import { type Clock, formatMicroTime, sleep } from '../machinery/clock.ts'
import { isReason } from '../machinery/errors.ts'
import { jsonEqual } from '../machinery/json.ts'
import type { Logger } from '../machinery/log.ts'
import type { Random } from '../machinery/random.ts'
import type { Client } from './client.ts'
import type { EventRecorder } from './events/event-recorder.ts'

export interface LeaderElectorOptions {
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Of the Lease: `kube-system`, `kube-controller-manager`. */
  readonly namespace: string
  readonly name: string
  /** Unique among the candidates. */
  readonly identity: string
  /** How long others wait after the last renewal before they take over (default 15 s). */
  readonly leaseDurationMs?: number
  /** How long the leader tries to renew before it gives up (default 10 s). */
  readonly renewDeadlineMs?: number
  readonly retryPeriodMs?: number
  readonly recorder?: EventRecorder
  readonly onNewLeader?: (identity: string) => void
}

/** One leader among several candidates by way of a Lease (client-go tools/leaderelection). */
export class LeaderElector {
  readonly #options: Required<Omit<LeaderElectorOptions, 'recorder' | 'onNewLeader'>> & LeaderElectorOptions
  #lease: Lease | undefined
  /** By our own clock, since clocks of machines differ. */
  #observedMs = -Infinity
  #reported: string | undefined

  constructor(options: LeaderElectorOptions) {
    this.#options = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2_000, ...options }
  }
  /** The holder last seen; '' when none. */
  get leader(): string {
    return this.#lease?.spec?.holderIdentity ?? ''
  }
  get isLeader(): boolean {
    return this.leader === this.#options.identity
  }

  /**
   * Waits for the lease, calls `lead` with a signal that aborts when the lease is lost or `signal` aborts, and returns
   * after `lead` has ended. The lease is given back. Whoever wants to lead again calls it again.
   */
  async run(lead: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    if (!(await this.#acquire(signal))) return
    const { recorder, identity } = this.#options
    this.#record(`${identity} became leader`)
    const lost = new AbortController()
    const leading = lead(AbortSignal.any([signal, lost.signal])).finally(() => lost.abort())
    try {
      await this.#renew(AbortSignal.any([signal, lost.signal]))
    } finally {
      lost.abort()
      await leading.catch((error: unknown) => this.#options.log.error('leader failed', { error }))
      this.#record(`${identity} stopped leading`)
      await recorder?.flushed()
      await this.#release()
    }
  }

  async #acquire(signal: AbortSignal): Promise<boolean> {
    const { clock, random, retryPeriodMs } = this.#options
    while (!signal.aborted) {
      const acquired = await this.#tryAcquireOrRenew(signal)
      this.#reportLeader()
      if (acquired) return true
      // JitterFactor 1.2
      if (!(await pause(clock, retryPeriodMs * (1 + 1.2 * random.float()), signal))) break
    }
    return false
  }
  async #renew(signal: AbortSignal): Promise<void> {
    const { clock, retryPeriodMs, renewDeadlineMs, log, name } = this.#options
    let renewedMs = clock.monotonic()
    while (await pause(clock, retryPeriodMs, signal)) {
      const deadline = new AbortController()
      const cancel = clock.after(renewedMs + renewDeadlineMs - clock.monotonic(), () => deadline.abort())
      const renewed = await this.#tryAcquireOrRenew(AbortSignal.any([signal, deadline.signal]))
      cancel()
      this.#reportLeader()
      if (renewed) renewedMs = clock.monotonic()
      else if (!this.isLeader || clock.monotonic() - renewedMs >= renewDeadlineMs) {
        log.warn('failed to renew lease', { lease: name })
        return
      }
    }
  }
  async #tryAcquireOrRenew(signal: AbortSignal): Promise<boolean> {
    const { client, clock, identity, leaseDurationMs, log, namespace, name } = this.#options
    const now = formatMicroTime(clock.now())
    const mine: LeaseSpec = {
      holderIdentity: identity,
      leaseDurationSeconds: leaseDurationMs / 1000,
      acquireTime: now,
      renewTime: now,
      leaseTransitions: 0,
    }
    try {
      if (this.#lease !== undefined && this.isLeader && this.#held()) {
        try {
          return await this.#put(this.#lease, { ...mine, ...kept(this.#lease) }, signal)
        } catch (error) {
          if (!isReason(error, 'Conflict', 'NotFound')) throw error
        }
      }
      let found: Lease
      try {
        found = await client.get(leases, { namespace, name }, { signal })
      } catch (error) {
        if (!isReason(error, 'NotFound')) throw error
        const metadata = { namespace, name }
        const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec: mine }
        this.#observe(await client.create(leases, lease, { signal }))
        return true
      }
      if (!jsonEqual(found.spec, this.#lease?.spec)) this.#observe(found)
      const holder = found.spec?.holderIdentity ?? ''
      if (holder !== '' && holder !== identity && this.#held()) return false
      const transitions = found.spec?.leaseTransitions ?? 0
      const spec = holder === identity ? { ...mine, ...kept(found) } : { ...mine, leaseTransitions: transitions + 1 }
      return await this.#put(found, spec, signal)
    } catch (error) {
      if (!signal.aborted) log.debug('failed to acquire lease', { lease: name, error: String(error) })
      return false
    }
  }
  async #put(lease: Lease, spec: LeaseSpec, signal?: AbortSignal): Promise<boolean> {
    this.#observe(await this.#options.client.update(leases, { ...lease, spec: { ...lease.spec, ...spec } }, { signal }))
    return true
  }
  #observe(lease: Lease): void {
    this.#lease = lease
    this.#observedMs = this.#options.clock.monotonic()
  }
  #held(): boolean {
    const seconds = this.#lease?.spec?.leaseDurationSeconds ?? 0
    return this.#observedMs + seconds * 1000 > this.#options.clock.monotonic()
  }
  async #release(): Promise<void> {
    if (this.#lease === undefined || !this.isLeader) return
    const { clock, log, name } = this.#options
    const now = formatMicroTime(clock.now())
    const { leaseTransitions } = this.#lease.spec ?? {}
    const spec = { holderIdentity: '', leaseDurationSeconds: 1, renewTime: now, acquireTime: now, leaseTransitions }
    try {
      await this.#put(this.#lease, spec)
    } catch (error) {
      log.debug('failed to release lease', { lease: name, error: String(error) })
    }
  }
  #reportLeader(): void {
    if (this.leader === this.#reported || this.#lease === undefined) return
    this.#reported = this.leader
    this.#options.onNewLeader?.(this.leader)
  }
  #record(message: string): void {
    if (this.#lease !== undefined) this.#options.recorder?.event(this.#lease, 'Normal', 'LeaderElection', message)
  }
}

/** What the holder keeps when it renews. */
function kept(lease: Lease): LeaseSpec {
  return { acquireTime: lease.spec?.acquireTime, leaseTransitions: lease.spec?.leaseTransitions }
}

async function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(clock, delayMs, signal)
    return true
  } catch {
    return false
  }
}
