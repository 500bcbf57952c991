import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  DeviceClass,
  ResourceClaim,
  VolumeAttachment,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
} from '../../api/types.generated.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { PodInfo } from '../cache/pod-info.ts'
import { SchedulerCache } from '../cache/scheduler-cache.ts'
import { everywhere } from '../framework/chosen-plugins.ts'
import { CycleState } from '../framework/cycle-state.ts'
import type { Lookups } from '../framework/lookups.ts'
import { type SchedulerPlugin, skip } from '../framework/plugin.ts'
import { PluginRunner } from '../framework/plugin-runner.ts'
import { Nominator } from '../queue/nominator.ts'
import { ClaimTracker } from './dynamic-resources/claim-tracker.ts'

/** A cluster at rest, for tests of one plugin. */
export function fixture(cluster: {
  readonly nodes: readonly Node[]
  readonly pods?: readonly Pod[]
  readonly others?: readonly KubeObject[]
}) {
  const { nodes, pods = [], others = [] } = cluster
  const cache = new SchedulerCache()
  for (const node of nodes) cache.setNode(node)
  for (const pod of pods) cache.setPod(withUid(pod))
  const of = <T extends KubeObject>(kind: string) => others.filter((object) => object.kind === kind) as T[]
  const one = <T extends KubeObject>(kind: string, name: string, namespace?: string) =>
    of<T>(kind).find(({ metadata }) => metadata.name === name && (!namespace || metadata.namespace === namespace))
  const deviceClaims = new ClaimTracker(true)
  for (const claim of of<ResourceClaim>('ResourceClaim')) deviceClaims.handler.added!(claim)
  const lookups: Lookups = {
    node: (name) => cache.node(name)?.node,
    namespace: (name) => one<Namespace>('Namespace', name),
    namespaces: () => of('Namespace'),
    services: (namespace) =>
      of<never>('Service').filter(({ metadata }: KubeObject) => metadata.namespace === namespace),
    replicationController: (namespace, name) => one('ReplicationController', name, namespace) as never,
    replicaSet: (namespace, name) => one('ReplicaSet', name, namespace) as never,
    statefulSet: (namespace, name) => one('StatefulSet', name, namespace) as never,
    disruptionBudgets: () => of('PodDisruptionBudget'),
    claim: (key) => one<PersistentVolumeClaim>('PersistentVolumeClaim', key.split('/')[1]!, key.split('/')[0]),
    volume: (name) => one<PersistentVolume>('PersistentVolume', name),
    volumes: () => of('PersistentVolume'),
    storageClass: (name) => one<StorageClass>('StorageClass', name),
    csiNode: (name) => one<CSINode>('CSINode', name),
    csiDriver: (name) => one<CSIDriver>('CSIDriver', name),
    storageCapacities: () => of<CSIStorageCapacity>('CSIStorageCapacity'),
    attachments: (node) => of<VolumeAttachment>('VolumeAttachment').filter(({ spec }) => spec.nodeName === node),
    deviceClaims,
    deviceClass: (name) => one<DeviceClass>('DeviceClass', name),
    deviceClasses: () => of('DeviceClass'),
    resourceSlices: () => of('ResourceSlice'),
  }
  return {
    cache,
    lookups,
    /** What the plugin says of each node: '' fits, or its code and reasons; of all nodes alike: a text. */
    filter(plugin: SchedulerPlugin, pod: Pod): Record<string, string> | string {
      const runner = new PluginRunner(everywhere([plugin]), new Nominator())
      const state = new CycleState()
      const info = new PodInfo(withUid(pod))
      const { rejection, names } = runner.preFilter(state, info, cache.nodes)
      if (rejection) return `${rejection.code}: ${rejection.reasons.join(', ')}`
      return Object.fromEntries(
        cache.nodes.map((node) => {
          const answer = names && !names.has(node.name) ? 'excluded' : runner.filter(state, info, node)
          const text =
            typeof answer === 'string' ? answer : answer ? `${answer.code}: ${answer.reasons.join(', ')}` : ''
          return [node.name, text]
        }),
      )
    },
    /** The plugin's score of each node, normalized and without its weight; 'skip': it has nothing to say. */
    score(plugin: SchedulerPlugin, pod: Pod): Record<string, number> | 'skip' {
      const state = new CycleState()
      const info = new PodInfo(withUid(pod))
      if (plugin.preScore?.(state, info, cache.nodes) === skip) return 'skip'
      const scores = Float64Array.from(cache.nodes, (node) => plugin.score!(state, info, node))
      plugin.normalize?.(state, info, cache.nodes, scores)
      return Object.fromEntries(cache.nodes.map(({ name }, index) => [name, scores[index]!]))
    },
    /** Whether the event makes the plugin want to try the pod again. */
    wakes(
      plugin: SchedulerPlugin,
      resource: string,
      pod: Pod,
      old: KubeObject | undefined,
      object: KubeObject | undefined,
    ) {
      const info = new PodInfo(withUid(pod))
      return (plugin.events ?? []).some(
        (event) => event.resource === resource && (event.hint?.(info, old, object) ?? true),
      )
    },
  }
}

function withUid(pod: Pod): Pod {
  return { ...pod, metadata: { uid: `${pod.metadata.namespace}/${pod.metadata.name}`, ...pod.metadata } }
}
