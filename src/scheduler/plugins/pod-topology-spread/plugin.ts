import type { TopologySpreadConstraint } from '../../../api/types.generated.ts'
import { jsonEqual } from '../../../machinery/json.ts'
import type { PodInfo } from '../../cache/pod-info.ts'
import type { SchedulerCache } from '../../cache/scheduler-cache.ts'
import type { PluginArguments } from '../../configuration/types.ts'
import { action } from '../../framework/cluster-event.ts'
import type { Lookups } from '../../framework/lookups.ts'
import { type NodeHint, type PodHint, type QueueingHint, type SchedulerPlugin, skip } from '../../framework/plugin.ts'
import { unresolvable, unschedulable } from '../../framework/rejection.ts'
import { type Constraint, constraintsOf, hasAllKeys, hostnameLabel, zoneLabel } from './constraint.ts'
import { defaultSelector } from './default-selector.ts'
import { countPod, reckonSpread, skewWith, spread } from './hard.ts'
import { crowding, normalizeCrowding, preference, reckonPreference } from './soft.ts'

const name = 'PodTopologySpread'
const mismatch = "node(s) didn't match pod topology spread constraints"
const tooUneven = unschedulable(name, mismatch)
const noDomain = unresolvable(name, `${mismatch} (missing required label)`)

/** How pods are spread that do not say, nor do the arguments: a wish only. */
const systemConstraints: readonly TopologySpreadConstraint[] = [
  { topologyKey: hostnameLabel, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 3 },
  { topologyKey: zoneLabel, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 5 },
]

/** Spreads pods over nodes, zones and other domains (plugins/podtopologyspread). */
export function podTopologySpread(
  args: PluginArguments['PodTopologySpread'],
  cache: SchedulerCache,
  lookups: Lookups,
): SchedulerPlugin {
  const isSystem = args.defaultingType === 'System'
  const defaultConstraints = isSystem ? systemConstraints : (args.defaultConstraints ?? [])
  const constraintsFor = (pod: PodInfo, action: 'DoNotSchedule' | 'ScheduleAnyway'): readonly Constraint[] => {
    const own = pod.pod.spec?.topologySpreadConstraints ?? []
    if (own.length > 0) return constraintsOf(own, pod.labels, action)
    const usual = constraintsOf(defaultConstraints, pod.labels, action)
    if (usual.length === 0) return usual
    const selector = defaultSelector(pod, lookups)
    return selector.empty ? [] : usual.map((item) => ({ ...item, selector }))
  }
  const hard = (pod: PodInfo) => constraintsFor(pod, 'DoNotSchedule')
  const soft = (pod: PodInfo) => constraintsFor(pod, 'ScheduleAnyway')

  const relabelled: PodHint = (pod, old, changed) =>
    !jsonEqual(old?.metadata.labels, changed?.metadata.labels) &&
    hard(pod).some(
      ({ selector }) => selector.matches(old?.metadata.labels) !== selector.matches(changed?.metadata.labels),
    )
  const afterPod: PodHint = (pod, old, changed) => {
    for (const other of [old, changed]) {
      if (!other) continue
      if (!other.spec?.nodeName && !other.status?.nominatedNodeName) return false
      if (other.metadata.namespace !== pod.namespace) return false
    }
    if (old && changed) return relabelled(pod, old, changed)
    return hard(pod).some(({ selector }) => selector.matches((changed ?? old)?.metadata.labels))
  }
  const afterTarget: PodHint = (pod, old, changed) =>
    (!jsonEqual(old?.spec?.tolerations, changed?.spec?.tolerations) &&
      hard(pod).some(({ honorsTaints }) => honorsTaints)) ||
    relabelled(pod, old, changed)
  const afterNode: NodeHint = (pod, old, node) => {
    const constraints = hard(pod)
    const before = old !== undefined && hasAllKeys(old.metadata.labels ?? {}, constraints)
    const after = node !== undefined && hasAllKeys(node.metadata.labels ?? {}, constraints)
    if (!old || !node) return before || after
    if (before !== after) return true
    const moved = constraints.some(
      ({ topologyKey }) => old.metadata.labels?.[topologyKey] !== node.metadata.labels?.[topologyKey],
    )
    return after && (moved || !jsonEqual(old.spec?.taints, node.spec?.taints))
  }

  return {
    name,
    events: [
      {
        resource: 'AssignedPod',
        actions: action.add | action.podLabel | action.delete,
        hint: afterPod as QueueingHint,
      },
      {
        resource: 'TargetPod',
        actions: action.podToleration | action.podLabel,
        hint: afterTarget as QueueingHint,
      },
      {
        resource: 'Node',
        actions: action.add | action.delete | action.nodeLabel | action.nodeTaint,
        hint: afterNode as QueueingHint,
      },
    ],
    preFilter(state, pod) {
      const constraints = hard(pod)
      if (constraints.length === 0) return skip
      state.write(spread, reckonSpread(pod, constraints, cache))
      return undefined
    },
    addPod: (state, pod, added, node) => countPod(state.read(spread), pod, added, node, 1),
    removePod: (state, pod, removed, node) => countPod(state.read(spread), pod, removed, node, -1),
    filter(state, pod, node) {
      const reckoned = state.read(spread)
      for (const [index, { maxSkew }] of reckoned.constraints.entries()) {
        const skew = skewWith(reckoned, index, pod, node)
        if (skew === undefined) return noDomain
        if (skew > maxSkew) return tooUneven
      }
      return undefined
    },
    preScore(state, pod, nodes) {
      const constraints = soft(pod)
      if (constraints.length === 0) return skip
      const requireAll = (pod.pod.spec?.topologySpreadConstraints?.length ?? 0) > 0 || !isSystem
      state.write(preference, reckonPreference(pod, constraints, nodes, cache, requireAll))
      return undefined
    },
    score: (state, _, node) => crowding(state.read(preference), node),
    normalize: (state, _, nodes, scores) => normalizeCrowding(state.read(preference), nodes, scores),
  }
}
