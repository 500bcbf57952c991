import type { Container, Pod } from '../../api/types.generated.ts'
import type { DownwardFacts } from '../environment/downward-fields.ts'
import type { NodeResources } from '../resources/linux-resources.ts'
import type { SecurityOptions } from '../security/runtime-context.ts'
import type { Mount, UserMappings } from '../runtimes/types.ts'

/**
 * What the machine gives to pods beside the runtime: folders, volumes, control groups. `linux-host` does it;
 * `simulated-host` has nothing to do, for simulated nodes.
 */
export interface PodHost {
  /** Whether containers are given variables and files; else what their pods refer to is not looked at. */
  readonly fillsContainers: boolean
  readonly resources: NodeResources
  /** The folder of what is known of pulled images; undefined: it is not kept. */
  readonly imageRecords: string | undefined
  readonly security: Pick<SecurityOptions, 'seccompRoot' | 'hiddenPaths'>
  /** Once, before anything else. */
  start(): Promise<void>
  /** Content of the node's resolv.conf; undefined: none. */
  resolvConf(): Promise<string | undefined>

  /** The control group that holds the pod's, in the runtime's words. */
  cgroupParent(pod: Pod): string
  /** Makes the pod's control group with its limits, unless it is there. */
  ensureCgroup(pod: Pod): Promise<void>
  /**
   * Gives the pod's control group the limits that the pod has now, around the change of its containers': what grows
   * grows before, what shrinks shrinks after.
   */
  resizePod(pod: Pod, containers: () => Promise<void>): Promise<void>

  /** Ids of the pod's own, the same as long as it is here. */
  userMappings(uid: string): Promise<UserMappings>

  /** Makes the pod's folders and sees to it that its volumes are mounted and up to date. Throws with upstream's texts. */
  mountVolumes(facts: DownwardFacts): Promise<void>
  /** Brings the content of volumes up to date, as far as they follow other objects. */
  refreshVolumes(facts: DownwardFacts): Promise<void>
  /** Where a volume of a pod is; undefined: it is not mounted. */
  volumePath(uid: string, name: string): string | undefined
  containerMounts(request: MountRequest): Promise<readonly Mount[]>
  /** The value of a key in an environment file of a volume. */
  fileValue(pod: Pod, volumeName: string, path: string, key: string): Promise<string | undefined>

  /** Below which the runtime writes the pod's logs. */
  logDirectory(pod: Pod): string
  /** One more than the highest restart count that left a log, when the runtime has forgotten the container; else 0. */
  restartCountFromLogs(pod: Pod, containerName: string): Promise<number>
  /** Makes the folder of a container's logs. */
  makeLogFolder(pod: Pod, containerName: string): Promise<void>
  /** Links the log under the name that log collectors know. */
  linkLog(pod: Pod, containerName: string, containerId: string, logPath: string): Promise<void>

  /** Bytes of the pod's emptyDir volumes by name, and of its containers' logs by container. */
  diskUsage(pod: Pod): Promise<{
    readonly emptyDirs: ReadonlyMap<string, number>
    readonly logs: ReadonlyMap<string, number>
  }>

  /** Unmounts and removes what the pod had, its control group included. Its logs stay. */
  cleanUp(uid: string): Promise<void>
  /** Removes the logs of a pod that is gone. */
  removeLogs(uid: string): Promise<void>
  /** Uids of pods that have something on this machine. */
  knownPods(): Promise<readonly string[]>
  stop(): Promise<void>
}

export interface MountRequest {
  readonly pod: Pod
  readonly container: Container
  readonly environment: ReadonlyMap<string, string>
  readonly podIPs: readonly string[]
  readonly hostname: string
  readonly domain: string
  /** References of image volumes, by volume name. */
  readonly images: ReadonlyMap<string, string>
  /** Whether the runtime can make mounts read-only with all that is mounted below. */
  readonly recursiveReadOnly: boolean
}
