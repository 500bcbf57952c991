/** The data of a runtime: messages of the CRI (cri-api pkg/apis/runtime/v1) in this language's spelling. */

export interface RuntimeVersion {
  readonly runtimeName: string
  readonly runtimeVersion: string
  readonly runtimeApiVersion: string
}
export interface RuntimeCondition {
  readonly type: 'RuntimeReady' | 'NetworkReady' | (string & {})
  readonly status: boolean
  readonly reason: string
  readonly message: string
}
export interface RuntimeHandler {
  /** Empty: the default handler. */
  readonly name: string
  readonly recursiveReadOnlyMounts: boolean
  readonly userNamespaces: boolean
}
export interface RuntimeStatus {
  readonly conditions: readonly RuntimeCondition[]
  readonly handlers: readonly RuntimeHandler[]
  /** Undefined where the runtime does not tell its features. */
  readonly features?: { readonly supplementalGroupsPolicy: boolean; readonly userNamespacesHostNetwork: boolean }
}

export type StringMap = Readonly<Record<string, string>>

export interface PodSandboxMetadata {
  readonly name: string
  readonly uid: string
  readonly namespace: string
  readonly attempt: number
}
export interface DnsConfig {
  readonly servers: readonly string[]
  readonly searches: readonly string[]
  readonly options: readonly string[]
}
export interface PortMapping {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP'
  readonly containerPort: number
  readonly hostPort: number
  readonly hostIp: string
}
export type NamespaceMode = 'pod' | 'container' | 'node' | 'target'
export interface IdMapping {
  readonly hostId: number
  readonly containerId: number
  readonly length: number
}
/** Ranges of user and group ids of a pod's own. */
export interface UserMappings {
  readonly uids: readonly IdMapping[]
  readonly gids: readonly IdMapping[]
}
export interface NamespaceOptions {
  readonly network: NamespaceMode
  readonly pid: NamespaceMode
  readonly ipc: NamespaceMode
  /** Of the container whose process namespace is joined, with pid `target`. */
  readonly targetId?: string
  readonly user?: UserMappings & { readonly mode: NamespaceMode }
}
export interface SecurityProfile {
  readonly type: 'runtimeDefault' | 'unconfined' | 'localhost'
  /** Absolute path (seccomp) or profile name (AppArmor) for `localhost`. */
  readonly localhostRef?: string
}
export interface SelinuxOptions {
  readonly user?: string
  readonly role?: string
  readonly type?: string
  readonly level?: string
}
export interface SandboxSecurityContext {
  readonly namespaces: NamespaceOptions
  readonly selinux?: SelinuxOptions
  readonly runAsUser?: number
  readonly runAsGroup?: number
  readonly readonlyRootfs?: boolean
  readonly supplementalGroups?: readonly number[]
  readonly supplementalGroupsPolicy?: 'merge' | 'strict'
  readonly privileged?: boolean
  readonly seccomp?: SecurityProfile
  readonly apparmor?: SecurityProfile
}
export interface ContainerResources {
  /** Microseconds. */
  readonly cpuPeriod?: number
  /** Microseconds per period; -1 or 0: none. */
  readonly cpuQuota?: number
  readonly cpuShares?: number
  readonly memoryLimitBytes?: number
  readonly oomScoreAdj?: number
  readonly cpusetCpus?: string
  readonly cpusetMems?: string
  readonly hugepageLimits?: readonly { readonly pageSize: string; readonly limit: number }[]
  /** Files of cgroup v2 and their values. */
  readonly unified?: StringMap
  readonly memorySwapLimitBytes?: number
}
export interface PodSandboxConfig {
  readonly metadata: PodSandboxMetadata
  /** Empty with the host's network. */
  readonly hostname: string
  readonly logDirectory: string
  readonly dns?: DnsConfig
  readonly portMappings: readonly PortMapping[]
  readonly labels: StringMap
  readonly annotations: StringMap
  readonly cgroupParent: string
  readonly securityContext: SandboxSecurityContext
  readonly sysctls: StringMap
  readonly overhead?: ContainerResources
  readonly resources?: ContainerResources
}
export type PodSandboxState = 'ready' | 'notReady'
export interface PodSandbox {
  readonly id: string
  readonly metadata: PodSandboxMetadata
  readonly state: PodSandboxState
  /** Epoch milliseconds, with fractions. */
  readonly createdAt: number
  readonly labels: StringMap
  readonly annotations: StringMap
  readonly runtimeHandler: string
}
export interface PodSandboxStatus extends PodSandbox {
  /** The pod's addresses, the first one first; empty with the host's network. */
  readonly ips: readonly string[]
  readonly namespaces: NamespaceOptions
}
export interface PodSandboxFilter {
  readonly id?: string
  readonly state?: PodSandboxState
  readonly labels?: StringMap
}

export interface ImageSpec {
  readonly image: string
  readonly annotations?: StringMap
  /** What the pod's author wrote. */
  readonly userSpecifiedImage?: string
  readonly runtimeHandler?: string
}
export interface Mount {
  readonly containerPath: string
  /** Empty for an image mount. */
  readonly hostPath: string
  readonly readonly: boolean
  readonly selinuxRelabel?: boolean
  readonly propagation: 'private' | 'hostToContainer' | 'bidirectional'
  readonly recursiveReadOnly?: boolean
  readonly image?: ImageSpec
  readonly imageSubPath?: string
  readonly uidMappings?: readonly IdMapping[]
  readonly gidMappings?: readonly IdMapping[]
}
export interface Device {
  readonly containerPath: string
  readonly hostPath: string
  readonly permissions: string
}
export interface ContainerSecurityContext {
  readonly capabilities?: { readonly add: readonly string[]; readonly drop: readonly string[] }
  readonly privileged?: boolean
  readonly namespaces: NamespaceOptions
  readonly selinux?: SelinuxOptions
  readonly runAsUser?: number
  readonly runAsGroup?: number
  readonly runAsUsername?: string
  readonly readonlyRootfs?: boolean
  readonly supplementalGroups?: readonly number[]
  readonly supplementalGroupsPolicy?: 'merge' | 'strict'
  readonly noNewPrivs?: boolean
  readonly maskedPaths?: readonly string[]
  readonly readonlyPaths?: readonly string[]
  readonly seccomp?: SecurityProfile
  readonly apparmor?: SecurityProfile
}
export interface ContainerMetadata {
  readonly name: string
  readonly attempt: number
}
export interface ContainerConfig {
  readonly metadata: ContainerMetadata
  readonly image: ImageSpec
  readonly command: readonly string[]
  readonly args: readonly string[]
  readonly workingDir: string
  readonly env: readonly { readonly name: string; readonly value: string }[]
  readonly mounts: readonly Mount[]
  readonly devices: readonly Device[]
  readonly cdiDevices?: readonly string[]
  readonly labels: StringMap
  readonly annotations: StringMap
  /** Below the sandbox's log directory. */
  readonly logPath: string
  readonly stdin: boolean
  readonly stdinOnce: boolean
  readonly tty: boolean
  readonly resources?: ContainerResources
  readonly securityContext: ContainerSecurityContext
  /** `SIGTERM`; absent: the image's, or the runtime's default. */
  readonly stopSignal?: string
}
export type ContainerState = 'created' | 'running' | 'exited' | 'unknown'
export interface Container {
  readonly id: string
  readonly sandboxId: string
  readonly metadata: ContainerMetadata
  readonly image: ImageSpec
  readonly imageRef: string
  readonly imageId: string
  readonly state: ContainerState
  readonly createdAt: number
  readonly labels: StringMap
  readonly annotations: StringMap
}
export interface ContainerUser {
  readonly uid: number
  readonly gid: number
  readonly supplementalGroups: readonly number[]
}
export interface ContainerStatus {
  readonly id: string
  readonly metadata: ContainerMetadata
  readonly state: ContainerState
  /** Epoch milliseconds with fractions; 0: not yet. */
  readonly createdAt: number
  readonly startedAt: number
  readonly finishedAt: number
  readonly exitCode: number
  readonly image: ImageSpec
  readonly imageRef: string
  readonly imageId: string
  readonly reason: string
  readonly message: string
  readonly labels: StringMap
  readonly annotations: StringMap
  readonly mounts: readonly Mount[]
  /** Absolute path of the log file. */
  readonly logPath: string
  readonly resources?: ContainerResources
  readonly user?: ContainerUser
  readonly stopSignal?: string
}
export interface ContainerFilter {
  readonly id?: string
  readonly state?: ContainerState
  readonly sandboxId?: string
  readonly labels?: StringMap
}
export interface ExecSyncResult {
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  readonly exitCode: number
}

export interface CpuUsage {
  /** Epoch milliseconds. */
  readonly timestamp: number
  readonly usageCoreNanoseconds?: number
  readonly usageNanocores?: number
}
export interface MemoryUsage {
  readonly timestamp: number
  readonly workingSetBytes?: number
  readonly availableBytes?: number
  readonly usageBytes?: number
  readonly rssBytes?: number
  readonly pageFaults?: number
  readonly majorPageFaults?: number
}
export interface FilesystemUsage {
  readonly timestamp: number
  readonly mountpoint: string
  readonly usedBytes?: number
  readonly inodesUsed?: number
}
export interface ContainerStats {
  readonly id: string
  readonly metadata: ContainerMetadata
  readonly labels: StringMap
  readonly cpu?: CpuUsage
  readonly memory?: MemoryUsage
  readonly writableLayer?: FilesystemUsage
}
export interface NetworkInterfaceUsage {
  readonly name: string
  readonly rxBytes?: number
  readonly rxErrors?: number
  readonly txBytes?: number
  readonly txErrors?: number
}
export interface PodSandboxStats {
  readonly id: string
  readonly metadata: PodSandboxMetadata
  readonly cpu?: CpuUsage
  readonly memory?: MemoryUsage
  readonly network?: {
    readonly timestamp: number
    readonly defaultInterface?: NetworkInterfaceUsage
    readonly interfaces: readonly NetworkInterfaceUsage[]
  }
  readonly processCount?: number
  readonly containers: readonly ContainerStats[]
}

export interface Image {
  readonly id: string
  readonly repoTags: readonly string[]
  readonly repoDigests: readonly string[]
  readonly sizeBytes: number
  readonly uid?: number
  readonly username: string
  readonly pinned: boolean
}
export interface ImageFilesystems {
  readonly images: readonly FilesystemUsage[]
  readonly containers: readonly FilesystemUsage[]
}
export interface PullCredentials {
  readonly username?: string
  readonly password?: string
  readonly auth?: string
  readonly serverAddress?: string
  readonly identityToken?: string
  readonly registryToken?: string
}

export interface RuntimeEvent {
  readonly type: 'created' | 'started' | 'stopped' | 'deleted'
  readonly containerId: string
  /** Of the pod, when the runtime says it. */
  readonly podUid: string
}
