import type { Pod } from '../../api/types.generated.ts'

/** The control groups of pods: `<root>/kubepods[/burstable|/besteffort]/pod<uid>` (upstream: pkg/kubelet/cm). */
export interface Cgroups {
  readonly version: 1 | 2
  /** Makes the tree above the pods. */
  start(): Promise<void>
  /** The pod's group, as the runtime takes it. */
  parentOf(pod: Pod): string
  /** Makes the pod's group, or brings its limits up to date. */
  ensure(pod: Pod): Promise<void>
  /** Changes only what is given. */
  update(pod: Pod, values: PodCgroupValues): Promise<void>
  read(pod: Pod): Promise<PodCgroupValues>
  /** Removes the group of a pod, wherever it is, with all below; ends what still runs in it. */
  remove(uid: string): Promise<void>
  /** Uids of pods that have a group. */
  pods(): Promise<readonly string[]>
  usage(path: string): Promise<CgroupUsage | undefined>
}

export interface PodCgroupValues {
  readonly cpuShares?: number
  /** Microseconds per period; -1: no limit. */
  readonly cpuQuota?: number
  readonly cpuPeriod?: number
  readonly memoryBytes?: number
}

export interface CgroupUsage {
  readonly cpuNanoseconds: number
  readonly memoryUsageBytes: number
  readonly memoryWorkingSetBytes: number
  readonly memoryRssBytes: number
  readonly pageFaults: number
  readonly majorPageFaults: number
}
