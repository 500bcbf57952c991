import type { Client } from '../../client/client.ts'
import type { SeriesEventRecorder } from '../../client/events/series-event-recorder.ts'
import type { Clock } from '../../machinery/clock.ts'
import { parseGoDuration } from '../../machinery/go-duration.ts'
import type { Logger } from '../../machinery/log.ts'
import type { Random } from '../../machinery/random.ts'
import type { SchedulerCache } from '../cache/scheduler-cache.ts'
import { neededPlugins } from '../configuration/plugin-choice.ts'
import type { PluginArguments, SchedulerProfile } from '../configuration/types.ts'
import type { Lookups } from '../framework/lookups.ts'
import type { SchedulerPlugin } from '../framework/plugin.ts'
import type { PluginRunner } from '../framework/plugin-runner.ts'
import { defaultBinder } from './default-binder/plugin.ts'
import type { PreemptionExecutor } from './default-preemption/executor.ts'
import { defaultPreemption } from './default-preemption/plugin.ts'
import { dynamicResources } from './dynamic-resources/plugin.ts'
import { imageLocality } from './image-locality/plugin.ts'
import { interPodAffinity } from './inter-pod-affinity/plugin.ts'
import { nodeAffinity } from './node-affinity/plugin.ts'
import { nodeDeclaredFeatures } from './node-declared-features/plugin.ts'
import { nodeName } from './node-name/plugin.ts'
import { nodePorts } from './node-ports/plugin.ts'
import { nodeResourcesBalancedAllocation } from './node-resources-balanced-allocation/plugin.ts'
import { nodeResourcesFit } from './node-resources-fit/plugin.ts'
import { nodeUnschedulable } from './node-unschedulable/plugin.ts'
import { nodeVolumeLimits } from './node-volume-limits/plugin.ts'
import { podTopologySpread } from './pod-topology-spread/plugin.ts'
import { prioritySort } from './priority-sort/plugin.ts'
import { schedulingGates } from './scheduling-gates/plugin.ts'
import { taintToleration } from './taint-toleration/plugin.ts'
import { VolumeBinder } from './volume-binding/binder.ts'
import { volumeBinding } from './volume-binding/plugin.ts'
import { volumeRestrictions } from './volume-restrictions/plugin.ts'
import { volumeZone } from './volume-zone/plugin.ts'

export interface PluginContext {
  readonly cache: SchedulerCache
  readonly lookups: Lookups
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly events: SeriesEventRecorder
  readonly executor: PreemptionExecutor
  readonly log: Logger
  readonly runner: () => PluginRunner
}

type Factory<Args> = (args: Args, context: PluginContext) => SchedulerPlugin
type Factories = Readonly<Record<string, Factory<never>>> & {
  readonly [Name in keyof PluginArguments]: Factory<PluginArguments[Name]>
}

const milliseconds = (duration: string | undefined) =>
  duration === undefined ? undefined : parseGoDuration(duration) / 1e6

/** All plugins by name, and how each is made of its arguments (framework/plugins/registry.go). */
const factories = {
  SchedulingGates: () => schedulingGates,
  PrioritySort: () => prioritySort,
  NodeName: () => nodeName,
  NodeUnschedulable: () => nodeUnschedulable,
  TaintToleration: () => taintToleration,
  NodeAffinity: nodeAffinity,
  NodePorts: () => nodePorts,
  NodeResourcesFit: nodeResourcesFit,
  VolumeRestrictions: (_, { cache, lookups }) => volumeRestrictions(cache, lookups),
  NodeVolumeLimits: (_, { lookups }) => nodeVolumeLimits(lookups),
  VolumeBinding: (args, { client, clock, lookups }) =>
    volumeBinding(args, lookups, new VolumeBinder(client, clock, lookups, args.bindTimeoutSeconds * 1000)),
  VolumeZone: (_, { lookups }) => volumeZone(lookups),
  PodTopologySpread: (args, { cache, lookups }) => podTopologySpread(args, cache, lookups),
  InterPodAffinity: (args, { cache, lookups }) => interPodAffinity(args, cache, lookups),
  DynamicResources: (args, context) =>
    dynamicResources({
      ...context,
      filterTimeoutMs: milliseconds(args.filterTimeout),
      bindingTimeoutMs: milliseconds(args.bindingTimeout),
    }),
  DefaultPreemption: defaultPreemption,
  NodeResourcesBalancedAllocation: nodeResourcesBalancedAllocation,
  ImageLocality: (_, { cache }) => imageLocality(cache),
  DefaultBinder: (_, { client }) => defaultBinder(client),
  NodeDeclaredFeatures: () => nodeDeclaredFeatures,
} as const satisfies Factories

/** The plugins that a profile needs, made with its arguments; those that are not known are left out. */
export function makePlugins(profile: SchedulerProfile, context: PluginContext): ReadonlyMap<string, SchedulerPlugin> {
  const needed = neededPlugins(profile)
  const made = new Map<string, SchedulerPlugin>()
  for (const [name, make] of Object.entries(factories as unknown as Record<string, Factory<unknown>>)) {
    if (!needed.has(name)) continue
    const args = profile.pluginConfig.find((one) => one.name === name)?.args
    try {
      made.set(name, make(args, context))
    } catch (error) {
      throw new Error(`initializing plugin "${name}": ${(error as Error).message}`, { cause: error })
    }
  }
  return made
}
