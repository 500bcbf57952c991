import { readFileSync } from 'node:fs'
import { createInformerFactory } from '../../client/informer-factory.ts'
import { parseYaml } from '../../machinery/codec/yaml/parse-yaml.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import type { MetricsRegistry } from '../../machinery/metrics.ts'
import type { Random } from '../../machinery/random.ts'
import { type SchedulerConfiguration, schedulerConfiguration } from '../../scheduler/configuration/configuration.ts'
import { configurationObject } from '../../scheduler/configuration/configuration-object.ts'
import { pluginNames } from '../../scheduler/plugins/registry.ts'
import { createScheduler } from '../../scheduler/scheduler.ts'
import type { KubeconfigClients } from './kubeconfig-clients.ts'
import type { ObservedPart } from './part-server.ts'

/** The scheduler of any Kubernetes, over the wire. */
export function schedulerAlone(options: {
  readonly clients: KubeconfigClients
  readonly configuration?: SchedulerConfiguration
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics: MetricsRegistry
  /** Whether it works only while it holds the lease. */
  readonly leads: boolean
}): ObservedPart {
  const { clients, configuration, clock, random, log, metrics, leads } = options
  const client = clients.client('scheduler')
  const informers = createInformerFactory({ client, clock, log, watchList: true })
  const scheduler = createScheduler({ client, informers, configuration, clock, random, log, metrics })
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
      configuration: () => ({ componentconfig: configurationObject(configuration, leads) }),
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

/** A KubeSchedulerConfiguration; '': none. Throws an Error that names the file and what is wrong with it. */
export function readConfiguration(file: string): SchedulerConfiguration | undefined {
  if (file === '') return undefined
  try {
    return schedulerConfiguration(parseYaml(readFileSync(file, 'utf8')).value, pluginNames)
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`, { cause: error })
  }
}
