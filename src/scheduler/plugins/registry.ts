import type { Client } from '../../client/client.ts'
import type { Clock } from '../../machinery/clock.ts'
import type { Random } from '../../machinery/random.ts'
import type { SchedulerCache } from '../cache/scheduler-cache.ts'
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
import { nodeName } from './node-name/plugin.ts'
import { nodePorts } from './node-ports/plugin.ts'
import { nodeResourcesBalancedAllocation } from './node-resources-balanced-allocation/plugin.ts'
import { nodeResourcesFit } from './node-resources-fit/plugin.ts'
import { nodeUnschedulable } from './node-unschedulable/plugin.ts'
import { nodeVolumeLimits } from './node-volume-limits/plugin.ts'
import { podTopologySpread } from './pod-topology-spread/plugin.ts'
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
  readonly executor: PreemptionExecutor
  readonly runner: () => PluginRunner
}

/** All plugins in upstream's order, which decides which reason a pod hears first (apis/config/v1/default_plugins.go). */
export function defaultPlugins(context: PluginContext): readonly SchedulerPlugin[] {
  const { cache, lookups, client, clock } = context
  return [
    schedulingGates,
    nodeName,
    nodeUnschedulable,
    taintToleration,
    nodeAffinity,
    nodePorts,
    nodeResourcesFit,
    volumeRestrictions(cache, lookups),
    nodeVolumeLimits(lookups),
    volumeBinding(lookups, new VolumeBinder(client, clock, lookups)),
    volumeZone(lookups),
    podTopologySpread(cache, lookups),
    interPodAffinity(cache, lookups),
    dynamicResources(client, lookups),
    defaultPreemption(context),
    nodeResourcesBalancedAllocation,
    imageLocality(cache),
    defaultBinder(client),
  ]
}

/** What a configuration may name. Plugins are made without looking at what they are given. */
export const pluginNames: ReadonlySet<string> = new Set([
  ...defaultPlugins({} as PluginContext).map(({ name }) => name),
  'PrioritySort',
])
