import { pods } from '../../../api/core/v1/pod.ts'
import type { Client } from '../../../client/client.ts'
import type { SeriesEventRecorder } from '../../../client/events/series-event-recorder.ts'
import type { Clock } from '../../../machinery/clock.ts'
import { isReason } from '../../../machinery/errors.ts'
import type { Logger } from '../../../machinery/log.ts'
import type { PodInfo } from '../../cache/pod-info.ts'
import type { ApiCalls } from '../../cycle/api-calls.ts'
import { patchStatus } from '../../cycle/pod-status.ts'
import type { Nominator } from '../../queue/nominator.ts'
import type { SchedulerMetrics } from '../../scheduler-metrics.ts'
import type { Candidate } from './victims.ts'

export interface PreemptionOptions {
  readonly client: Client
  readonly calls: ApiCalls
  readonly clock: Clock
  readonly log: Logger
  readonly events: SeriesEventRecorder
  readonly nominator: Pick<Nominator, 'on' | 'set'>
  readonly schedulerName: string
  readonly metrics: Pick<SchedulerMetrics, 'preempts' | 'victims'>
  /** The newest known of the pod; undefined: it is gone. */
  readonly podNow: (key: string) => { readonly deleting: boolean } | undefined
  /** The pod is to be tried again: its preemption failed. */
  readonly retry: (uid: string) => void
}

/** Sends the victims away, gracefully, while scheduling goes on (preemption/executor.go, asynchronous). */
export class PreemptionExecutor {
  readonly #options: PreemptionOptions
  /** Pods whose preemption is under way; the key of the last victim once it is its turn. */
  readonly #preempting = new Map<string, string | undefined>()

  constructor(options: PreemptionOptions) {
    this.#options = options
  }

  /** Whether the pod is not worth trying yet, since its victims are still being sent away. */
  isPreempting(uid: string): boolean {
    if (!this.#preempting.has(uid)) return false
    const last = this.#preempting.get(uid)
    if (last === undefined) return true
    const victim = this.#options.podNow(last)
    return victim !== undefined && !victim.deleting
  }

  /** A pod looks for room that others could make. */
  tried(): void {
    this.#options.metrics.preempts()
  }

  start(pod: PodInfo, { node, victims }: Candidate): void {
    this.#options.metrics.victims(victims.length)
    const there = victims.filter(({ terminating }) => !terminating)
    if (there.length === 0) return
    this.#preempting.set(pod.uid, undefined)
    void this.#run(pod, node, there)
  }

  async #run(pod: PodInfo, node: string, victims: readonly PodInfo[]): Promise<void> {
    const { log, retry } = this.#options
    let failed = false
    try {
      await this.#clearNominations(pod, node)
      await Promise.all(victims.slice(0, -1).map((victim) => this.#preempt(pod, node, victim)))
      const last = victims.at(-1)!
      this.#preempting.set(pod.uid, last.key)
      await this.#preempt(pod, node, last)
    } catch (error) {
      failed = true
      log.error('preemption failed', { pod: pod.key, node, error })
    }
    this.#preempting.delete(pod.uid)
    if (failed) retry(pod.uid)
  }

  async #preempt(pod: PodInfo, node: string, victim: PodInfo): Promise<void> {
    const { client, calls, clock, events, log, schedulerName } = this.#options
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: `${schedulerName}: preempting to accommodate a higher priority pod`,
    } as const
    try {
      await calls.run(() => patchStatus(client, victim.pod, { condition }, clock.now()))
      await calls.run(() => client.delete(pods, { namespace: victim.namespace, name: victim.name }))
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
      return
    }
    log.info('preempted pod', { pod: pod.key, victim: victim.key, node })
    events.event(
      victim.pod,
      pod.pod,
      'Normal',
      'Preempted',
      'Preempting',
      `Preempted by pod ${pod.uid} on node ${node}`,
    )
  }

  /** Pods of lower priority that were to get the node shall look for another. */
  async #clearNominations(pod: PodInfo, node: string): Promise<void> {
    const { client, calls, clock, nominator, log } = this.#options
    const lower = nominator.on(node).filter(({ priority }) => priority < pod.priority)
    for (const other of lower) {
      nominator.set(other, '')
      await calls
        .run(() => patchStatus(client, other.pod, { nominatedNode: '' }, clock.now()))
        .catch((error) => log.warn('nomination stays', { pod: other.key, error }))
    }
  }
}
