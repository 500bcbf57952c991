import { definitionNamed } from '../../api/schema/facts.ts'
import type { Field, Schema } from '../../machinery/schema/schema.ts'

/**
 * The schema of KubeSchedulerConfiguration and of plugins' arguments (kube-scheduler config/v1, component-base
 * config/v1alpha1), in the one form that all readers and writers of the project use.
 */
export const group = 'kubescheduler.config.k8s.io'
export const apiVersion = `${group}/v1`

type Fields = Readonly<Record<string, Field>>

/** A member that is left out when it is zero, one that is told from zero, and one that is always written. */
const plain = (schema: Schema): Field => ({ schema })
const pointer = (schema: Schema): Field => ({ schema, pointer: true })
const always = (schema: Schema): Field => ({ schema, always: true })

/** `goType`: as error texts name it. */
const struct = (goType: string, fields: Fields): Schema => ({
  type: 'object',
  name: `io.k8s.kube-scheduler.config.${goType}`,
  properties: new Map(Object.entries(fields)),
})
const list = (items: Schema): Schema => ({ type: 'array', items })
const text: Schema = { type: 'string' }
const boolean: Schema = { type: 'boolean' }
const int32: Schema = { type: 'integer', format: 'int32' }
const int64: Schema = { type: 'integer', format: 'int64' }
const bytes: Schema = { type: 'string', format: 'byte' }
const duration: Schema = { type: 'string', wrapper: 'duration' }

const typeMeta: Fields = { kind: plain(text), apiVersion: plain(text) }

const leaderElection = struct('v1alpha1.LeaderElectionConfiguration', {
  leaderElect: { schema: boolean, always: true, pointer: true },
  leaseDuration: always(duration),
  renewDeadline: always(duration),
  retryPeriod: always(duration),
  resourceLock: always(text),
  resourceName: always(text),
  resourceNamespace: always(text),
})

const clientConnection = struct('v1alpha1.ClientConnectionConfiguration', {
  kubeconfig: always(text),
  acceptContentTypes: always(text),
  contentType: always(text),
  qps: always({ type: 'number', format: 'float' }),
  burst: always(int32),
})

const plugin = struct('v1.Plugin', { name: always(text), weight: pointer(int32) })
const pluginSet = struct('v1.PluginSet', { enabled: plain(list(plugin)), disabled: plain(list(plugin)) })

/** Points at which plugins are chosen, in the order of upstream's type. */
export const pluginPoints = [
  'preEnqueue',
  'queueSort',
  'preFilter',
  'filter',
  'postFilter',
  'preScore',
  'score',
  'reserve',
  'permit',
  'preBind',
  'bind',
  'postBind',
  'multiPoint',
  'placementGenerate',
  'placementScore',
  'podGroupPostFilter',
] as const
export type PluginPoint = (typeof pluginPoints)[number]

const plugins = struct('v1.Plugins', Object.fromEntries(pluginPoints.map((point) => [point, always(pluginSet)])))

const profile = struct('v1.KubeSchedulerProfile', {
  schedulerName: pointer(text),
  percentageOfNodesToScore: pointer(int32),
  plugins: pointer(plugins),
  pluginConfig: plain(
    list(struct('v1.PluginConfig', { name: always(text), args: plain({ wrapper: 'rawExtension' }) })),
  ),
})

const extender = struct('v1.Extender', {
  urlPrefix: always(text),
  filterVerb: plain(text),
  preemptVerb: plain(text),
  prioritizeVerb: plain(text),
  weight: plain(int64),
  bindVerb: plain(text),
  enableHTTPS: plain(boolean),
  tlsConfig: pointer(
    struct('v1.ExtenderTLSConfig', {
      insecure: plain(boolean),
      serverName: plain(text),
      certFile: plain(text),
      keyFile: plain(text),
      caFile: plain(text),
      certData: plain(bytes),
      keyData: plain(bytes),
      caData: plain(bytes),
    }),
  ),
  httpTimeout: always(duration),
  nodeCacheCapable: plain(boolean),
  managedResources: plain(
    list(struct('v1.ExtenderManagedResource', { name: always(text), ignoredByScheduler: plain(boolean) })),
  ),
  ignorable: plain(boolean),
})

const configuration = struct('v1.KubeSchedulerConfiguration', {
  ...typeMeta,
  parallelism: pointer(int32),
  leaderElection: always(leaderElection),
  clientConnection: always(clientConnection),
  enableProfiling: pointer(boolean),
  enableContentionProfiling: pointer(boolean),
  percentageOfNodesToScore: pointer(int32),
  podInitialBackoffSeconds: pointer(int64),
  podMaxBackoffSeconds: pointer(int64),
  profiles: plain(list(profile)),
  extenders: plain(list(extender)),
  delayCacheUntilActive: plain(boolean),
})

const shape = list(struct('v1.UtilizationShapePoint', { utilization: always(int32), score: always(int32) }))
const resources = list(struct('v1.ResourceSpec', { name: always(text), weight: plain(int64) }))
const core = (name: string): Schema => {
  const found = definitionNamed(`io.k8s.api.core.v1.${name}`)
  if (found === undefined) throw new Error(`there is no definition of ${name}`)
  return found
}

/** By the names of their plugins. */
const pluginArguments: Readonly<Record<string, () => Fields>> = {
  DefaultPreemption: () => ({
    minCandidateNodesPercentage: pointer(int32),
    minCandidateNodesAbsolute: pointer(int32),
  }),
  DynamicResources: () => ({ filterTimeout: pointer(duration), bindingTimeout: pointer(duration) }),
  InterPodAffinity: () => ({
    hardPodAffinityWeight: pointer(int32),
    ignorePreferredTermsOfExistingPods: always(boolean),
  }),
  NodeAffinity: () => ({ addedAffinity: pointer(core('NodeAffinity')) }),
  NodeResourcesBalancedAllocation: () => ({ resources: plain(resources) }),
  NodeResourcesFit: () => ({
    ignoredResources: plain(list(text)),
    ignoredResourceGroups: plain(list(text)),
    scoringStrategy: pointer(
      struct('v1.ScoringStrategy', {
        type: plain(text),
        resources: plain(resources),
        requestedToCapacityRatio: pointer(struct('v1.RequestedToCapacityRatioParam', { shape: plain(shape) })),
      }),
    ),
  }),
  PodTopologySpread: () => ({
    defaultConstraints: plain(list(core('TopologySpreadConstraint'))),
    defaultingType: plain(text),
  }),
  VolumeBinding: () => ({ bindTimeoutSeconds: pointer(int64), shape: plain(shape) }),
}

const known = new Map<string, Schema>([['KubeSchedulerConfiguration', configuration]])

/** The schema of a kind of this group: the configuration, or `<plugin>Args`. */
export function schemaOfKind(kind: string): Schema | undefined {
  const found = known.get(kind)
  if (found !== undefined || !kind.endsWith('Args')) return found
  const name = kind.slice(0, -4)
  if (!Object.hasOwn(pluginArguments, name)) return undefined
  const made = struct(`v1.${kind}`, { ...typeMeta, ...pluginArguments[name]!() })
  known.set(kind, made)
  return made
}
