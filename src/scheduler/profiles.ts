import type { Client } from '../client/client.ts'
import type { SeriesEventRecorder } from '../client/events/series-event-recorder.ts'
import type { Clock } from '../machinery/clock.ts'
import type { Logger } from '../machinery/log.ts'
import type { Random } from '../machinery/random.ts'
import type { SchedulerCache } from './cache/scheduler-cache.ts'
import { choosePlugins } from './configuration/plugin-choice.ts'
import type { SchedulerConfiguration, SchedulerProfile } from './configuration/types.ts'
import type { ApiCalls } from './cycle/api-calls.ts'
import { PodScheduling } from './cycle/schedule-pod.ts'
import type { Extender } from './extenders/extender.ts'
import type { ChosenPlugins } from './framework/chosen-plugins.ts'
import type { Lookups } from './framework/lookups.ts'
import { PluginRunner } from './framework/plugin-runner.ts'
import type { SchedulingTimes } from './framework/plugin-timing.ts'
import { PreemptionExecutor } from './plugins/default-preemption/executor.ts'
import { makePlugins } from './plugins/registry.ts'
import type { Nominator } from './queue/nominator.ts'
import type { SchedulerMetrics } from './scheduler-metrics.ts'

/** How pods of one `spec.schedulerName` are scheduled. All profiles see the same cluster and share one queue. */
export interface Profile {
  readonly plugins: ChosenPlugins
  readonly runner: PluginRunner
  readonly scheduling: PodScheduling
  readonly events: SeriesEventRecorder
}

export interface ProfileContext {
  readonly configuration: SchedulerConfiguration
  readonly cache: SchedulerCache
  readonly lookups: Lookups
  readonly nominator: Nominator
  readonly extenders: readonly Extender[]
  readonly client: Client
  readonly calls: ApiCalls
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics: SchedulerMetrics
  readonly times: SchedulingTimes
  readonly eventsOf: (schedulerName: string) => SeriesEventRecorder
  /** See PreemptionOptions. */
  readonly podNow: (key: string) => { readonly deleting: boolean } | undefined
  readonly retry: (uid: string) => void
}

/** By the names of the schedulers. Throws an Error with upstream's sentence for what cannot be (profile.NewMap). */
export function makeProfiles(context: ProfileContext): ReadonlyMap<string, Profile> {
  const made = new Map<string, Profile>()
  // Nodes get their turn whoever looks for one.
  const turn = { next: 0 }
  for (const profile of context.configuration.profiles) {
    const { schedulerName } = profile
    try {
      made.set(schedulerName, makeProfile(profile, context, turn))
    } catch (error) {
      const why = (error as Error).message
      throw new Error(`initializing profiles: creating profile for scheduler name ${schedulerName}: ${why}`, {
        cause: error,
      })
    }
  }
  return made
}

function makeProfile(profile: SchedulerProfile, context: ProfileContext, turn: { next: number }): Profile {
  const { configuration, cache, lookups, nominator, extenders, client, calls, clock, random, log } = context
  const { schedulerName } = profile
  const events = context.eventsOf(schedulerName)
  const { metrics, podNow, retry } = context
  const executor = new PreemptionExecutor({
    metrics,
    client,
    calls,
    clock,
    log,
    events,
    schedulerName,
    nominator,
    podNow,
    retry,
  })
  const runner = (): PluginRunner => made.runner
  const plugins = choosePlugins(
    makePlugins(profile, { cache, lookups, client, clock, random, events, executor, log, runner }),
    profile,
  )
  const ownRunner = new PluginRunner(plugins, nominator, context.times.of(schedulerName))
  const scheduling = new PodScheduling({
    cache,
    runner: ownRunner,
    random,
    log,
    percentageOfNodesToScore: profile.percentageOfNodesToScore ?? configuration.percentageOfNodesToScore,
    extended: extenders.some(({ filters, prioritizes }) => filters || prioritizes),
    turn,
  })
  const made: Profile = { plugins, runner: ownRunner, scheduling, events }
  return made
}
