import type { PluginSet, PluginWeight, Plugins } from './types.ts'
import { pluginPoints } from './schema.ts'

/** All plugins in upstream's order, which decides which reason a pod hears first (apis/config/v1/default_plugins.go). */
export const usualPlugins: readonly PluginWeight[] = [
  { name: 'SchedulingGates' },
  { name: 'PrioritySort' },
  { name: 'NodeName' },
  { name: 'NodeUnschedulable' },
  { name: 'TaintToleration', weight: 3 },
  { name: 'NodeAffinity', weight: 2 },
  { name: 'NodePorts' },
  { name: 'NodeResourcesFit', weight: 1 },
  { name: 'VolumeRestrictions' },
  { name: 'NodeVolumeLimits' },
  { name: 'VolumeBinding' },
  { name: 'VolumeZone' },
  { name: 'PodTopologySpread', weight: 2 },
  { name: 'InterPodAffinity', weight: 2 },
  { name: 'DynamicResources', weight: 2 },
  { name: 'DefaultPreemption' },
  { name: 'NodeResourcesBalancedAllocation', weight: 1 },
  { name: 'ImageLocality', weight: 1 },
  { name: 'DefaultBinder' },
  { name: 'NodeDeclaredFeatures' },
]

/** The usual plugins as a profile wants them (mergePlugins). Weights are written, also where there are none. */
export function mergedPlugins(custom: Partial<Plugins> | undefined): Plugins {
  const merged: { -readonly [Point in keyof Plugins]?: PluginSet } = {}
  for (const point of pluginPoints)
    merged[point] = mergedSet(point === 'multiPoint' ? usualPlugins : [], custom?.[point] ?? {}, custom !== undefined)
  return merged as Plugins
}

/** What is explicitly enabled takes the place of the usual one, or comes after all (mergePluginSet). */
function mergedSet(usual: readonly PluginWeight[], custom: PluginSet, isCustom: boolean): PluginSet {
  const off = new Set(custom.disabled?.map(({ name }) => name))
  const wanted = new Map(custom.enabled?.map((plugin) => [plugin.name, plugin]))
  const replaced = new Set<PluginWeight>()
  const enabled: PluginWeight[] = []
  for (const plugin of off.has('*') ? [] : usual) {
    if (off.has(plugin.name)) continue
    const own = wanted.get(plugin.name)
    if (own) replaced.add(own)
    enabled.push(own ?? plugin)
  }
  enabled.push(...(custom.enabled ?? []).filter((plugin) => !replaced.has(plugin)))
  const weighed = ({ name, weight = 0 }: PluginWeight): PluginWeight => ({ name, weight })
  return {
    ...(enabled.length > 0 && { enabled: enabled.map(weighed) }),
    ...(isCustom && custom.disabled?.length && { disabled: custom.disabled.map(({ name }) => weighed({ name })) }),
  }
}
