import { createInformerFactory } from '../../client/informer-factory.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Component } from '../../machinery/component.ts'
import type { Logger } from '../../machinery/log.ts'
import type { Random } from '../../machinery/random.ts'
import type { SchedulerConfiguration } from '../../scheduler/configuration/configuration.ts'
import { createScheduler } from '../../scheduler/scheduler.ts'
import type { KubeconfigClients } from './kubeconfig-clients.ts'

/** The scheduler of any Kubernetes, over the wire. */
export function schedulerAlone(options: {
  readonly clients: KubeconfigClients
  readonly configuration?: SchedulerConfiguration
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
}): Component {
  const { clients, configuration, clock, random, log } = options
  const client = clients.client('scheduler')
  const informers = createInformerFactory({ client, clock, log, watchList: true })
  const scheduler = createScheduler({ client, informers, configuration, clock, random, log })
  return {
    name: 'scheduler',
    start: () => scheduler.start(),
    async stop() {
      await scheduler.stop()
      await informers.stop()
    },
  }
}
