import type {
  Container,
  ContainerConfig,
  ContainerResources,
  ContainerState,
  ContainerStats,
  ContainerStatus,
  FilesystemUsage,
  Image,
  Mount,
  NamespaceMode,
  NamespaceOptions,
  PodSandbox,
  PodSandboxConfig,
  PodSandboxStats,
  PodSandboxStatus,
  SecurityProfile,
} from '../types.ts'
import * as messages from './messages.ts'
import type { Decoded, Encodable } from '../../../machinery/grpc/message.ts'

/** Between the CRI's messages and the runtime's data: enums become words, nanoseconds milliseconds. */
const modes: readonly NamespaceMode[] = ['pod', 'container', 'node', 'target']
const propagations = ['private', 'hostToContainer', 'bidirectional'] as const
const profiles = ['runtimeDefault', 'unconfined', 'localhost'] as const
const protocols = ['TCP', 'UDP', 'SCTP'] as const
const containerStates: readonly ContainerState[] = ['created', 'running', 'exited', 'unknown']
const milliseconds = (nanoseconds: number) => nanoseconds / 1e6

export const containerStateNumber = (state: ContainerState): number => containerStates.indexOf(state)

type NamespacesOut = NonNullable<
  NonNullable<NonNullable<Decoded<typeof messages.sandboxStatus>['linux']>['namespaces']>['options']
>

function namespacesIn(options: NamespaceOptions) {
  return {
    network: modes.indexOf(options.network),
    pid: modes.indexOf(options.pid),
    ipc: modes.indexOf(options.ipc),
    targetId: options.targetId,
    user: options.user && { ...options.user, mode: modes.indexOf(options.user.mode) },
  }
}
function namespacesOut(options: NamespacesOut | undefined): NamespaceOptions {
  return {
    network: modes[options?.network ?? 0] ?? 'pod',
    pid: modes[options?.pid ?? 0] ?? 'pod',
    ipc: modes[options?.ipc ?? 0] ?? 'pod',
    targetId: options?.targetId || undefined,
    user: options?.user && { ...options.user, mode: modes[options.user.mode] ?? 'pod' },
  }
}

function profileIn(profile: SecurityProfile | undefined) {
  return profile && { profileType: profiles.indexOf(profile.type), localhostRef: profile.localhostRef }
}

/** Runtimes before CRI v1.23 read AppArmor profiles from this field only. */
function deprecatedApparmor(profile: SecurityProfile | undefined): string | undefined {
  if (profile === undefined) return undefined
  if (profile.type === 'localhost') return `localhost/${profile.localhostRef}`
  return profile.type === 'unconfined' ? 'unconfined' : 'runtime/default'
}

export function sandboxConfigIn(config: PodSandboxConfig): Encodable<typeof messages.sandboxConfig> {
  const { securityContext: security, metadata, hostname, logDirectory, dns, labels, annotations } = config
  return {
    metadata,
    hostname,
    logDirectory,
    dns,
    labels,
    annotations,
    portMappings: config.portMappings.map((port) => ({ ...port, protocol: protocols.indexOf(port.protocol) })),
    linux: {
      cgroupParent: config.cgroupParent,
      sysctls: config.sysctls,
      overhead: config.overhead,
      resources: config.resources,
      securityContext: {
        ...security,
        namespaces: namespacesIn(security.namespaces),
        seccomp: profileIn(security.seccomp),
        apparmor: profileIn(security.apparmor),
        supplementalGroupsPolicy: security.supplementalGroupsPolicy === 'strict' ? 1 : 0,
      },
    },
  }
}

export function containerConfigIn(config: ContainerConfig): Encodable<typeof messages.containerConfig> {
  const { env, mounts, cdiDevices, resources, securityContext: security, stopSignal, ...rest } = config
  return {
    ...rest,
    envs: env.map(({ name, value }) => ({ key: name, value: Buffer.from(value) })),
    mounts: mounts.map((mount) => ({ ...mount, propagation: propagations.indexOf(mount.propagation) })),
    cdiDevices: cdiDevices?.map((name) => ({ name })),
    stopSignal: stopSignal === undefined ? 0 : messages.signals.indexOf(stopSignal) + 1,
    linux: {
      resources,
      securityContext: {
        ...security,
        namespaces: namespacesIn(security.namespaces),
        seccomp: profileIn(security.seccomp),
        apparmor: profileIn(security.apparmor),
        apparmorProfile: deprecatedApparmor(security.apparmor),
        supplementalGroupsPolicy: security.supplementalGroupsPolicy === 'strict' ? 1 : 0,
      },
    },
  }
}

const metadataOut = (metadata: Decoded<typeof messages.sandbox>['metadata']) =>
  metadata ?? { name: '', uid: '', namespace: '', attempt: 0 }

export function sandboxOut(sandbox: Decoded<typeof messages.sandbox>): PodSandbox {
  return {
    ...sandbox,
    metadata: metadataOut(sandbox.metadata),
    state: sandbox.state === 0 ? 'ready' : 'notReady',
    createdAt: milliseconds(sandbox.createdAt),
  }
}

export function sandboxStatusOut(status: Decoded<typeof messages.sandboxStatus>): PodSandboxStatus {
  const { network, linux, ...rest } = status
  const ips = network === undefined ? [] : [network.ip, ...network.additionalIps.map(({ ip }) => ip)]
  return {
    ...sandboxOut(rest),
    ips: ips.filter((ip) => ip !== ''),
    namespaces: namespacesOut(linux?.namespaces?.options),
  }
}

const imageOutSpec = (image: Decoded<typeof messages.imageSpec> | undefined) => image ?? { image: '' }

export function containerOut(container: Decoded<typeof messages.container>): Container {
  return {
    ...container,
    metadata: container.metadata ?? { name: '', attempt: 0 },
    image: imageOutSpec(container.image),
    state: containerStates[container.state] ?? 'unknown',
    createdAt: milliseconds(container.createdAt),
  }
}

function mountOut(mount: Decoded<typeof messages.mount>): Mount {
  return { ...mount, propagation: propagations[mount.propagation] ?? 'private' }
}

export function containerStatusOut(status: Decoded<typeof messages.containerStatus>): ContainerStatus {
  return {
    ...status,
    metadata: status.metadata ?? { name: '', attempt: 0 },
    state: containerStates[status.state] ?? 'unknown',
    createdAt: milliseconds(status.createdAt),
    startedAt: milliseconds(status.startedAt),
    finishedAt: milliseconds(status.finishedAt),
    image: imageOutSpec(status.image),
    mounts: status.mounts.map(mountOut),
    resources: status.resources?.linux as ContainerResources | undefined,
    user: status.user?.linux,
    stopSignal: messages.signals[status.stopSignal - 1],
  }
}

export function imageOut({ size, ...image }: Decoded<typeof messages.image>): Image {
  return { ...image, sizeBytes: size }
}

type FilesystemOut = NonNullable<Decoded<typeof messages.containerStats>['writableLayer']>
export function filesystemOut({ id, timestamp, ...usage }: FilesystemOut): FilesystemUsage {
  return { ...usage, mountpoint: id?.mountpoint ?? '', timestamp: milliseconds(timestamp) }
}

const stamped = <T extends { readonly timestamp: number }>(usage: T | undefined): T | undefined =>
  usage && { ...usage, timestamp: milliseconds(usage.timestamp) }

export function containerStatsOut(stats: Decoded<typeof messages.containerStats>): ContainerStats {
  return {
    id: stats.attributes?.id ?? '',
    metadata: stats.attributes?.metadata ?? { name: '', attempt: 0 },
    labels: stats.attributes?.labels ?? {},
    cpu: stamped(stats.cpu),
    memory: stamped(stats.memory),
    writableLayer: stats.writableLayer && filesystemOut(stats.writableLayer),
  }
}

export function sandboxStatsOut({ attributes, linux }: Decoded<typeof messages.sandboxStats>): PodSandboxStats {
  return {
    id: attributes?.id ?? '',
    metadata: metadataOut(attributes?.metadata),
    cpu: stamped(linux?.cpu),
    memory: stamped(linux?.memory),
    network: stamped(linux?.network),
    processCount: linux?.process?.processCount,
    containers: (linux?.containers ?? []).map(containerStatsOut),
  }
}
