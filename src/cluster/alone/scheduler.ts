import { createInformerFactory } from '../../client/informer-factory.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import type { MetricsRegistry } from '../../machinery/metrics.ts'
import type { Random } from '../../machinery/random.ts'
import type { SchedulerConfiguration } from '../../scheduler/configuration/types.ts'
import { createScheduler } from '../../scheduler/scheduler.ts'
import type { KubeconfigClients } from './kubeconfig-clients.ts'
import type { ObservedPart } from './part-server.ts'

/** The scheduler of any Kubernetes, over the wire. */
export function schedulerAlone(options: {
  readonly clients: KubeconfigClients
  readonly configuration: SchedulerConfiguration
  /** See SchedulerOptions. */
  readonly longestUnschedulableMs?: number
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics: MetricsRegistry
}): ObservedPart {
  const { clients, configuration, longestUnschedulableMs, clock, random, log, metrics } = options
  const client = clients.client('scheduler')
  const informers = createInformerFactory({ client, clock, log, watchList: true })
  const scheduler = createScheduler({
    client,
    informers,
    configuration,
    longestUnschedulableMs,
    clock,
    random,
    log,
    metrics,
  })
  let started = false
  const healthy = [{ name: 'ping', check: () => {} }]
  const synced = {
    name: 'sched-handler-sync',
    check() {
      if (started && !scheduler.running) throw new Error('the cluster is not known yet')
    },
  }
  return {
    name: 'scheduler',
    status: {
      component: 'kube-scheduler',
      healthy: () => healthy,
      ready: () => [synced],
      resources: () => scheduler.resources,
      configuration: () => ({ componentconfig: configuration }),
    },
    async start() {
      started = true
      await scheduler.start()
    },
    async stop() {
      await scheduler.stop()
      await informers.stop()
    },
  }
}
