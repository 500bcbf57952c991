import { apiVersion } from './schema.ts'
import { mergedPlugins } from './default-plugins.ts'
import type { PluginArguments, PluginConfig, Plugins, ResourceSpec } from './types.ts'

type Draft = Record<string, unknown>

/** What is unset takes upstream's values (apis/config/v1/defaults.go). The draft is changed in place. */
export function setConfigurationDefaults(draft: Draft): void {
  draft['parallelism'] ??= 16
  const profiles = (draft['profiles'] ?? []) as Draft[]
  if (profiles.length === 0) profiles.push({})
  draft['profiles'] = profiles
  // With several, each must say its own.
  if (profiles.length === 1) profiles[0]!['schedulerName'] ??= 'default-scheduler'
  for (const profile of profiles) setProfileDefaults(profile)
  draft['percentageOfNodesToScore'] ??= 0
  const election = draft['leaderElection'] as Draft
  for (const [field, value] of Object.entries(usualElection)) if (isUnset(election[field])) election[field] = value
  const connection = draft['clientConnection'] as Draft
  for (const [field, value] of Object.entries(usualConnection))
    if (isUnset(connection[field])) connection[field] = value
  draft['podInitialBackoffSeconds'] ??= 1
  draft['podMaxBackoffSeconds'] ??= 10
  draft['enableProfiling'] ??= true
  draft['enableContentionProfiling'] ??= draft['enableProfiling']
}

/** Zero durations are no choice. */
const isUnset = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || value === 0 || value === '0s'

const usualElection = {
  leaseDuration: '15s',
  renewDeadline: '10s',
  retryPeriod: '2s',
  resourceLock: 'leases',
  resourceName: 'kube-scheduler',
  resourceNamespace: 'kube-system',
  leaderElect: true,
}
const usualConnection = { contentType: 'application/vnd.kubernetes.protobuf', qps: 50, burst: 100 }

function setProfileDefaults(profile: Draft): void {
  const plugins = mergedPlugins(profile['plugins'] as Partial<Plugins> | undefined)
  profile['plugins'] = plugins
  const configs = ((profile['pluginConfig'] ?? []) as PluginConfig[]).map(({ name, args }) => ({
    name,
    ...(isArguments(name) ? { args: completed(name, (args ?? {}) as Draft) } : args !== undefined && { args }),
  }))
  const said = new Set(configs.map(({ name }) => name))
  for (const name of enabledNames(plugins))
    if (!said.has(name) && isArguments(name)) configs.push({ name, args: completed(name, {}) })
  profile['pluginConfig'] = configs
}

function enabledNames(plugins: Plugins): string[] {
  const names = Object.entries(plugins).flatMap(([point, { enabled = [] }]) =>
    // Upstream forgets this one (pluginsNames).
    point === 'podGroupPostFilter' ? [] : enabled.map(({ name }) => name),
  )
  return [...new Set(names)].sort()
}

function completed(name: keyof PluginArguments, args: Draft): Draft {
  const draft = { ...args, apiVersion, kind: `${name}Args` }
  argumentDefaults[name](draft)
  return draft
}

/** The arguments of a plugin that says no more than this. */
export function argumentsOf<Name extends keyof PluginArguments>(
  name: Name,
  given: Partial<PluginArguments[Name]> = {},
): PluginArguments[Name] {
  return completed(name, given as Draft) as unknown as PluginArguments[Name]
}

const isArguments = (name: string): name is keyof PluginArguments => Object.hasOwn(argumentDefaults, name)

const usualResources: readonly ResourceSpec[] = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
]
function weighed(resources: unknown): readonly ResourceSpec[] {
  const given = (resources ?? []) as readonly ResourceSpec[]
  return given.length === 0 ? usualResources : given.map(({ name, weight }) => ({ name, weight: weight || 1 }))
}

const argumentDefaults: Readonly<Record<keyof PluginArguments, (draft: Draft) => void>> = {
  DefaultPreemption(draft) {
    draft['minCandidateNodesPercentage'] ??= 10
    draft['minCandidateNodesAbsolute'] ??= 100
  },
  DynamicResources(draft) {
    draft['filterTimeout'] ??= '10s'
    draft['bindingTimeout'] ??= '10m0s'
  },
  InterPodAffinity(draft) {
    draft['hardPodAffinityWeight'] ??= 1
    draft['ignorePreferredTermsOfExistingPods'] ??= false
  },
  NodeAffinity: () => {},
  NodeResourcesBalancedAllocation(draft) {
    draft['resources'] = weighed(draft['resources'])
  },
  NodeResourcesFit(draft) {
    const strategy = (draft['scoringStrategy'] ?? { type: 'LeastAllocated' }) as Draft
    draft['scoringStrategy'] = { ...strategy, resources: weighed(strategy['resources']) }
  },
  PodTopologySpread(draft) {
    draft['defaultingType'] ||= 'System'
  },
  VolumeBinding(draft) {
    draft['bindTimeoutSeconds'] ??= 600
    const shape = draft['shape'] as readonly unknown[] | undefined
    if (!shape?.length)
      draft['shape'] = [
        { utilization: 0, score: 10 },
        { utilization: 100, score: 0 },
      ]
  },
}
