import type { NodeAffinity, TopologySpreadConstraint } from '../../api/types.generated.ts'
import type { PluginPoint } from './schema.ts'

/** KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1), read, completed with upstream's defaults and checked. */
export interface SchedulerConfiguration {
  readonly apiVersion: string
  readonly kind: string
  readonly parallelism: number
  readonly leaderElection: LeaderElectionConfiguration
  readonly clientConnection: ClientConnectionConfiguration
  readonly enableProfiling: boolean
  readonly enableContentionProfiling: boolean
  readonly percentageOfNodesToScore: number
  readonly podInitialBackoffSeconds: number
  readonly podMaxBackoffSeconds: number
  readonly profiles: readonly SchedulerProfile[]
  readonly extenders?: readonly ExtenderConfiguration[]
  readonly delayCacheUntilActive?: boolean
}

export interface LeaderElectionConfiguration {
  readonly leaderElect: boolean
  /** Go durations, as are all in this file. */
  readonly leaseDuration: string
  readonly renewDeadline: string
  readonly retryPeriod: string
  readonly resourceLock: string
  readonly resourceName: string
  readonly resourceNamespace: string
}

export interface ClientConnectionConfiguration {
  readonly kubeconfig: string
  readonly acceptContentTypes: string
  readonly contentType: string
  readonly qps: number
  readonly burst: number
}

/** A scheduler of its own name, beside others in the same process. */
export interface SchedulerProfile {
  /** Of the pods that it schedules. */
  readonly schedulerName: string
  readonly percentageOfNodesToScore?: number
  readonly plugins: Plugins
  readonly pluginConfig: readonly PluginConfig[]
}

/** Which plugins take part at each point; `multiPoint`: at all at which they have something to say. */
export type Plugins = { readonly [Point in PluginPoint]: PluginSet }
export interface PluginSet {
  readonly enabled?: readonly PluginWeight[]
  /** `*`: all. */
  readonly disabled?: readonly PluginWeight[]
}
export interface PluginWeight {
  readonly name: string
  readonly weight?: number
}

export interface PluginConfig {
  readonly name: string
  readonly args?: unknown
}

export interface ExtenderConfiguration {
  readonly urlPrefix: string
  readonly filterVerb?: string
  readonly preemptVerb?: string
  readonly prioritizeVerb?: string
  readonly weight?: number
  readonly bindVerb?: string
  readonly enableHTTPS?: boolean
  readonly tlsConfig?: ExtenderTlsConfiguration
  readonly httpTimeout: string
  readonly nodeCacheCapable?: boolean
  readonly managedResources?: readonly { readonly name: string; readonly ignoredByScheduler?: boolean }[]
  readonly ignorable?: boolean
}

export interface ExtenderTlsConfiguration {
  readonly insecure?: boolean
  readonly serverName?: string
  readonly certFile?: string
  readonly keyFile?: string
  readonly caFile?: string
  /** Base64. */
  readonly certData?: string
  readonly keyData?: string
  readonly caData?: string
}

export interface UtilizationShapePoint {
  readonly utilization: number
  readonly score: number
}
export interface ResourceSpec {
  readonly name: string
  readonly weight: number
}

/** The arguments of plugins, by their names. */
export interface PluginArguments {
  readonly DefaultPreemption: {
    readonly minCandidateNodesPercentage: number
    readonly minCandidateNodesAbsolute: number
  }
  readonly DynamicResources: { readonly filterTimeout?: string; readonly bindingTimeout?: string }
  readonly InterPodAffinity: {
    readonly hardPodAffinityWeight: number
    readonly ignorePreferredTermsOfExistingPods: boolean
  }
  readonly NodeAffinity: { readonly addedAffinity?: NodeAffinity }
  readonly NodeResourcesBalancedAllocation: { readonly resources: readonly ResourceSpec[] }
  readonly NodeResourcesFit: {
    readonly ignoredResources?: readonly string[]
    readonly ignoredResourceGroups?: readonly string[]
    readonly scoringStrategy: ScoringStrategy
  }
  readonly PodTopologySpread: {
    readonly defaultConstraints?: readonly TopologySpreadConstraint[]
    readonly defaultingType: string
  }
  readonly VolumeBinding: {
    readonly bindTimeoutSeconds: number
    readonly shape: readonly UtilizationShapePoint[]
  }
}

export interface ScoringStrategy {
  readonly type: string
  readonly resources: readonly ResourceSpec[]
  readonly requestedToCapacityRatio?: { readonly shape?: readonly UtilizationShapePoint[] }
}
