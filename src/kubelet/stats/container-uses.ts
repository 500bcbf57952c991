import type { Pod } from '../../api/types.generated.ts'
import { labelNames } from '../containers/labels.ts'
import type { Runtime } from '../runtimes/runtime.ts'
import { isHostNetwork } from '../pods/containers.ts'
import type { ContainerUse, PodNetworkUse } from './cadvisor-metrics.ts'
import { containerCgroup, openFiles } from './container-cgroup.ts'
import { interfacesOf } from './pod-network.ts'

/** Where the control groups of pods are. */
export interface GroupsOfPods {
  readonly version: 1 | 2
  /** The group of a pod, as the runtime has it; undefined: the pod is not known. */
  parentOf(uid: string): string | undefined
}

/** What the containers of a node and the networks of its pods use now. `groups`: undefined where there are none. */
export async function containerUses(
  runtime: Runtime,
  groups: GroupsOfPods | undefined,
  podOf: (uid: string) => Pod | undefined,
): Promise<{ readonly containers: readonly ContainerUse[]; readonly pods: readonly PodNetworkUse[] }> {
  const [stats, made, sandboxes] = await Promise.all([
    runtime.listContainerStats(),
    runtime.listContainers(),
    runtime.listPodSandboxStats().catch(() => []),
  ])
  const known = new Map(made.map((container) => [container.id, container]))
  const uidOf = (labels: Readonly<Record<string, string>>) => labels[labelNames.podUid] ?? ''
  const containers = await Promise.all(
    stats.map(async (one): Promise<ContainerUse> => {
      const parent = groups?.parentOf(uidOf(one.labels))
      const path = parent === undefined ? `/${one.id}` : `${parent}/${one.id}`
      const container = known.get(one.id)
      const cgroup = parent === undefined ? undefined : await containerCgroup(groups!.version, path)
      const open = cgroup && cgroup.pids.length > 0 ? await openFiles(cgroup.pids) : undefined
      const image = container?.image.userSpecifiedImage || container?.image.image || ''
      return { stats: one, image, path, createdAt: container?.createdAt ?? 0, cgroup, open }
    }),
  )
  const processOf = new Map(
    containers.flatMap(({ stats: { labels }, cgroup }) =>
      cgroup?.pids[0] === undefined ? [] : [[uidOf(labels), cgroup.pids[0]] as const],
    ),
  )
  const pods = await Promise.all(
    sandboxes.map(async ({ id, metadata, network }): Promise<PodNetworkUse> => {
      const { uid, namespace, name } = metadata
      const pod = podOf(uid)
      const pid = pod !== undefined && !isHostNetwork(pod) ? processOf.get(uid) : undefined
      const seen = pid === undefined ? [] : await interfacesOf(pid)
      const runtimes = [network?.defaultInterface, ...(network?.interfaces ?? [])].filter((one) => one !== undefined)
      const parent = groups?.parentOf(uid)
      const path = parent === undefined ? `/${id}` : `${parent}/${id}`
      return { namespace, name, sandboxId: id, path, interfaces: seen.length > 0 ? seen : runtimes }
    }),
  )
  return { containers, pods }
}
