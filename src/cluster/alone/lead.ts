import { hostname } from 'node:os'
import type { Client } from '../../client/client.ts'
import { LeaderElector } from '../../client/leader-elector.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Component } from '../../machinery/component.ts'
import type { Logger } from '../../machinery/log.ts'
import type { Random } from '../../machinery/random.ts'

/** How parts of a kind take turns: the Lease that the one at work holds. */
export interface Leadership {
  readonly name: string
  readonly namespace?: string
  readonly leaseDurationMs?: number
  readonly renewDeadlineMs?: number
  readonly retryPeriodMs?: number
}

/**
 * Runs a component until the signal aborts, while this process holds the lease: upstream's name for
 * it keeps one of each kind at work, whoever made it. Absent `lease`: at once. Rejects when the lease is lost, since only
 * a fresh start is sure to know what others did meanwhile (cmd/kube-controller-manager app/controllermanager.go).
 */
export async function runAsLeader(
  component: Component,
  options: {
    readonly client: Client
    readonly lease?: Leadership
    readonly clock: Clock
    readonly random: Random
    readonly log: Logger
    readonly signal: AbortSignal
  },
): Promise<void> {
  const { client, lease, clock, random, log, signal } = options
  const work = async (until: AbortSignal) => {
    await component.start()
    log.info('started')
    try {
      await aborted(until)
    } finally {
      await component.stop()
    }
  }
  if (lease === undefined) return work(signal)
  const elector = new LeaderElector({
    client,
    clock,
    random,
    log,
    namespace: 'kube-system',
    ...lease,
    identity: `${hostname()}_${random.uuid()}`,
    onNewLeader: (identity) => log.info('new leader', { lease: lease.name, identity }),
  })
  await elector.run(work, signal)
  if (!signal.aborted)
    throw new Error(`the lease ${lease.namespace ?? 'kube-system'}/${lease.name} is lost: start again`)
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
