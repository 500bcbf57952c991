import type { StatsFs } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { volumeClaimName } from '../../api/core/v1/pod/volume-claim.ts'
import type { Pod, Volume } from '../../api/types.generated.ts'
import type { MetricsRegistry } from '../../machinery/metrics.ts'
import { diskUsage } from '../host/disk-usage.ts'
import type { Kubelet } from '../kubelet.ts'
import { ephemeralContainers, isTerminalPhase } from '../pods/containers.ts'
import { isStaticPod } from '../pods/static-pods.ts'
import type { Runtime } from '../runtimes/runtime.ts'
import { pluginOf } from '../volumes/pod-volumes.ts'

type Row = readonly [values: readonly string[], value: number]

/** What a kubelet tells of its pods, containers and volumes as they are, under upstream's names (pkg/kubelet/metrics). */
export function addKubeletMetrics(metrics: MetricsRegistry, kubelet: Kubelet, runtime: Runtime): void {
  const gauge = (name: string, help: string, labels: readonly string[], read: () => Iterable<Row>) =>
    metrics.collect(name, help, 'gauge', labels, read)
  metrics.gauge('kubelet_node_name', 'Always 1; its label tells the node.', ['node']).labels(kubelet.nodeName).set(1)
  metrics
    .gauge('kubelet_metrics_provider', 'Always 1; who tells what containers use.', ['provider'])
    .labels('cri')
    .set(1)
  const states = new Map<string, number>()
  let sandboxes = 0
  metrics.prepare(async () => {
    const [ready, containers] = await Promise.all([
      runtime.listPodSandboxes({ state: 'ready' }),
      runtime.listContainers(),
    ])
    sandboxes = ready.length
    states.clear()
    for (const { state } of containers) states.set(state, (states.get(state) ?? 0) + 1)
  })
  gauge('kubelet_running_pods', 'Pods that have a running sandbox.', [], () => [[[], sandboxes]])
  gauge('kubelet_running_containers', 'Containers by their state.', ['container_state'], function* () {
    for (const [state, count] of states) yield [[state], count] as const
  })
  addPods(gauge, kubelet)
  addVolumes(metrics, gauge, kubelet)
  addLogs(metrics, kubelet)
}

type Gauge = (name: string, help: string, labels: readonly string[], read: () => Iterable<Row>) => void

const lifecycles = { running: 'sync', ending: 'terminating', clearing: 'terminated', done: 'terminated' } as const

function addPods(gauge: Gauge, kubelet: Kubelet): void {
  const byKind = (pods: readonly Pod[]): Row[] => {
    const fixed = pods.filter(isStaticPod).length
    return [
      [['true'], fixed],
      [[''], pods.length - fixed],
    ]
  }
  gauge('kubelet_desired_pods', 'Pods that are to run here.', ['static'], () => byKind(kubelet.pods()))
  gauge('kubelet_active_pods', 'Pods that take room here.', ['static'], () =>
    byKind(kubelet.workers().flatMap(({ pod, phase }) => (phase === 'running' && !isOver(pod) ? [pod] : []))),
  )
  gauge('kubelet_mirror_pods', 'Pods of the API that stand for static ones.', [], () => [[[], kubelet.mirrorPods()]])
  gauge('kubelet_working_pods', 'Pods by what is done for them.', ['lifecycle', 'config', 'static'], () => {
    const counts = new Map<string, number>()
    for (const lifecycle of ['sync', 'terminating', 'terminated'])
      for (const config of ['desired', 'orphan'])
        for (const fixed of ['', 'true']) counts.set(`${lifecycle} ${config} ${fixed}`, 0)
    for (const { pod, phase, wanted } of kubelet.workers()) {
      const key = `${lifecycles[phase]} ${wanted ? 'desired' : 'orphan'} ${isStaticPod(pod) ? 'true' : ''}`
      counts.set(key, counts.get(key)! + 1)
    }
    return [...counts].map(([key, count]) => [key.split(' '), count] as const)
  })
  gauge('kubelet_managed_ephemeral_containers', 'Ephemeral containers of the pods here.', [], () => [
    [[], kubelet.pods().reduce((sum, pod) => sum + ephemeralContainers(pod).length, 0)],
  ])
  gauge('kubelet_pod_in_progress_resizes', 'Pods whose resources are being changed.', [], () => [
    [
      [],
      kubelet.pods().filter(({ status }) => status?.conditions?.some(({ type }) => type === 'PodResizeInProgress'))
        .length,
    ],
  ])
}

function isOver({ status }: Pod): boolean {
  return isTerminalPhase(status?.phase)
}

function addVolumes(metrics: MetricsRegistry, gauge: Gauge, kubelet: Kubelet): void {
  const all = () =>
    kubelet
      .pods()
      .filter((pod) => !isOver(pod))
      .flatMap((pod) => (pod.spec.volumes ?? []).map((volume) => ({ pod, volume })))
  const pathOf = ({ pod, volume }: { pod: Pod; volume: Volume }) =>
    kubelet.volumePath(pod.metadata.uid ?? '', volume.name)
  gauge(
    'volume_manager_total_volumes',
    'Volumes that are wanted, and that are there.',
    ['plugin_name', 'state'],
    () => {
      const counts = new Map<string, number>()
      const add = (plugin: string, state: string) =>
        counts.set(`${plugin} ${state}`, (counts.get(`${plugin} ${state}`) ?? 0) + 1)
      for (const use of all()) {
        const plugin = pluginOf(use.volume)?.name.replace('~', '/')
        if (plugin === undefined) continue
        add(plugin, 'desired_state_of_world')
        if (pathOf(use) !== undefined) add(plugin, 'actual_state_of_world')
      }
      return [...counts].map(([key, count]) => [key.split(' '), count] as const)
    },
  )
  /** The claims in use and the room in their volumes, read once for all figures, so that they belong together. */
  let claims: readonly { readonly names: readonly string[]; readonly space: StatsFs }[] = []
  metrics.prepare(async () => {
    const paths = new Map<string, { readonly names: readonly string[]; readonly path: string }>()
    for (const { pod, volume } of all()) {
      const { namespace = '', name: podName } = pod.metadata
      const claim = volumeClaimName(podName, volume)
      const path = claim === undefined ? undefined : pathOf({ pod, volume })
      // Several pods may use one claim.
      if (claim !== undefined && path !== undefined)
        paths.set(`${namespace}/${claim}`, { names: [namespace, claim], path })
    }
    const found = await Promise.all(
      [...paths.values()].map(async ({ names, path }) => ({ names, space: await spaceOf(path) })),
    )
    claims = found.flatMap(({ names, space }) => (space === undefined ? [] : [{ names, space }]))
  })
  const perClaim = (name: string, help: string, read: (space: StatsFs) => number) =>
    gauge(`kubelet_volume_stats_${name}`, help, ['namespace', 'persistentvolumeclaim'], () =>
      claims.map(({ names, space }) => [names, read(space)] as const),
    )
  perClaim('capacity_bytes', 'Size of a claim’s volume.', ({ blocks, bsize }) => blocks * bsize)
  perClaim('available_bytes', 'Room in a claim’s volume.', ({ bavail, bsize }) => bavail * bsize)
  perClaim('used_bytes', 'What is taken of a claim’s volume.', ({ blocks, bfree, bsize }) => (blocks - bfree) * bsize)
  perClaim('inodes', 'Inodes of a claim’s volume.', ({ files }) => files)
  perClaim('inodes_free', 'Free inodes of a claim’s volume.', ({ ffree }) => ffree)
  perClaim('inodes_used', 'Taken inodes of a claim’s volume.', ({ files, ffree }) => files - ffree)
}

/** Undefined: it is not there any more. */
function spaceOf(path: string): Promise<StatsFs | undefined> {
  return statfs(path).catch(() => undefined)
}

function addLogs(metrics: MetricsRegistry, kubelet: Kubelet): void {
  let rows: readonly Row[] = []
  metrics.prepare(async () => {
    const wanted = kubelet.pods().flatMap((pod) => pod.spec.containers.map(({ name }) => ({ pod, name })))
    rows = await Promise.all(
      wanted.map(async ({ pod, name }): Promise<Row> => {
        const { uid = '', namespace = '', name: podName = '' } = pod.metadata
        return [[uid, namespace, podName, name], await diskUsage(join(kubelet.logDirectory(pod), name))]
      }),
    )
  })
  metrics.collect(
    'kubelet_container_log_filesystem_used_bytes',
    'What the logs of a container take.',
    'gauge',
    ['uid', 'namespace', 'pod', 'container'],
    () => rows,
  )
}
