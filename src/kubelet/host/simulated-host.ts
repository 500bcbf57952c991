import type { NodeResources } from '../resources/linux-resources.ts'
import type { PodHost } from './pod-host.ts'

/** A machine that has nothing to do: for simulated nodes, thousands of them. */
export function createSimulatedHost(resources: Partial<NodeResources> = {}): PodHost {
  return {
    fillsContainers: false,
    imageRecords: undefined,
    resources: { memoryBytes: 64 * 2 ** 30, cgroupVersion: 2, hugepageSizes: [], ...resources },
    security: { seccompRoot: '/var/lib/kubelet/seccomp', hiddenPaths: [] },
    start: async () => {},
    resolvConf: async () => undefined,
    cgroupParent: ({ metadata }) => `/kubepods/pod${metadata.uid}`,
    ensureCgroup: async () => {},
    resizePod: (_, containers) => containers(),
    userMappings: async () => ({ uids: [], gids: [] }),
    mountVolumes: async () => {},
    refreshVolumes: async () => {},
    volumePath: () => undefined,
    containerMounts: async () => [],
    fileValue: async () => undefined,
    logDirectory: ({ metadata }) => `/var/log/pods/${metadata.namespace}_${metadata.name}_${metadata.uid}`,
    restartCountFromLogs: async () => 0,
    makeLogFolder: async () => {},
    linkLog: async () => {},
    diskUsage: async () => ({ emptyDirs: new Map(), logs: new Map() }),
    cleanUp: async () => {},
    removeLogs: async () => {},
    knownPods: async () => [],
    stop: async () => {},
  }
}
