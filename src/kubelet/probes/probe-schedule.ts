import type { Container, ContainerStatus, Pod, Probe } from '../../api/types.generated.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { ProbeResult } from '../lifecycle/plan-input.ts'
import type { ProbeOutcome } from './outcome.ts'

export type ProbeType = 'liveness' | 'readiness' | 'startup'

/** The probe of a container, by type. */
export function probeOf(container: Container, type: ProbeType): Probe | undefined {
  return { liveness: container.livenessProbe, readiness: container.readinessProbe, startup: container.startupProbe }[
    type
  ]
}

export interface ScheduleOptions {
  readonly type: ProbeType
  readonly containerName: string
  readonly probe: Probe
  readonly clock: Clock
  /** The pod and its container's status as last worked out; undefined: nothing is known yet. */
  readonly current: () => { readonly pod: Pod; readonly status: ContainerStatus } | undefined
  readonly run: (pod: Pod, status: ContainerStatus) => Promise<ProbeOutcome>
  readonly tell: (pod: Pod, outcome: ProbeOutcome) => void
  /** The result for the container of that id has changed; undefined: it is to be forgotten. */
  readonly set: (containerId: string, result: ProbeResult | undefined) => void
  /** Containers that started before this (epoch ms) were adopted: what was said of them stays until they are probed. */
  readonly adoptedBefore: number
}

/**
 * When one probe of one container runs, and what its runs amount to (upstream: pkg/kubelet/prober/worker.go). Each new
 * container starts afresh: ready and started are false until a probe says otherwise, alive is true.
 */
export class ProbeSchedule {
  readonly #options: ScheduleOptions
  #containerId = ''
  #last: ProbeResult | undefined
  #runs = 0
  /** It has said its last about this container. */
  #onHold = false
  /** Its last turn went by because the container had not started yet. */
  #waitedForStart = false
  #cancel: (() => void) | undefined
  #probing = false
  #stopped = false

  constructor(options: ScheduleOptions) {
    this.#options = options
    this.notice()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel?.()
    if (this.#containerId !== '') this.#options.set(this.#containerId, undefined)
  }

  /** The pod's status has changed: a new container may be there, or this one may have started. */
  notice(): void {
    if (this.#stopped || this.#probing) return
    const now = this.#options.current()
    const id = now?.status.containerID ?? ''
    if (id === '') return
    if (id !== this.#containerId) this.#begin(id, now!.status)
    if (this.#waitedForStart && now!.status.started === true) {
      this.#cancel?.()
      this.#plan(0)
    } else if (this.#cancel === undefined && !this.#onHold) this.#plan(this.#firstDelay(now!.status))
  }

  #begin(id: string, status: ContainerStatus): void {
    const { type, set, adoptedBefore } = this.#options
    if (this.#containerId !== '') set(this.#containerId, undefined)
    this.#cancel?.()
    this.#cancel = undefined
    this.#containerId = id
    this.#last = undefined
    this.#runs = 0
    this.#onHold = false
    this.#waitedForStart = false
    const startedAt = Date.parse(status.state?.running?.startedAt ?? '')
    if (startedAt < adoptedBefore) {
      if (type === 'startup' && status.started === true) set(id, 'success')
    } else if (type === 'liveness') set(id, 'success')
    else if (type === 'readiness') set(id, 'failure')
  }

  /** Milliseconds until the first run: after the initial delay, at once when that is over. */
  #firstDelay(status: ContainerStatus): number {
    const { probe, clock } = this.#options
    const startedAt = Date.parse(status.state?.running?.startedAt ?? '')
    const delay = startedAt + (probe.initialDelaySeconds ?? 0) * 1000 - clock.now()
    return Number.isNaN(delay) ? this.#period() : Math.max(0, delay)
  }
  #period(): number {
    return (this.#options.probe.periodSeconds ?? 10) * 1000
  }

  #plan(delayMs: number): void {
    this.#cancel = this.#options.clock.after(delayMs, () => {
      this.#cancel = undefined
      void this.#tick()
    })
  }

  async #tick(): Promise<void> {
    const { type, current, run, tell } = this.#options
    const now = current()
    if (this.#stopped || now === undefined || now.status.containerID !== this.#containerId) return this.notice()
    const { pod, status } = now
    if (status.state?.running === undefined) {
      this.#options.set(this.#containerId, 'failure')
      return
    }
    // Startup decides first; once it has, it has nothing more to say.
    this.#waitedForStart = type !== 'startup' && status.started !== true
    if (this.#waitedForStart || (type === 'startup' && status.started === true)) return this.#plan(this.#period())
    this.#probing = true
    const outcome = await run(pod, status)
    this.#probing = false
    if (this.#stopped) return
    tell(pod, outcome)
    if (outcome.result !== 'unknown' || outcome.output === '')
      this.#count(outcome.result === 'failure' ? 'failure' : 'success')
    if (!this.#onHold) this.#plan(this.#period())
    this.notice()
  }

  #count(result: ProbeResult): void {
    const { type, probe, set } = this.#options
    this.#runs = this.#last === result ? this.#runs + 1 : 1
    this.#last = result
    const threshold = result === 'failure' ? (probe.failureThreshold ?? 3) : (probe.successThreshold ?? 1)
    if (this.#runs < threshold) return
    set(this.#containerId, result)
    // The container will be started anew, or has started: wait for the next one.
    if ((type === 'liveness' && result === 'failure') || type === 'startup') {
      this.#onHold = true
      this.#runs = 0
    }
  }
}
