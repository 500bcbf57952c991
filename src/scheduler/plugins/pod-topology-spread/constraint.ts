import { type NodeMatcher, requiredNodeAffinity } from '../../../api/core/v1/node-affinity.ts'
import { untoleratedTaint } from '../../../api/core/v1/toleration.ts'
import type { Node, Pod, TopologySpreadConstraint } from '../../../api/types.generated.ts'
import { selectorOfLabelSelector } from '../../../machinery/labels/label-selector.ts'
import { type Selector, selectorOf, selectorOfLabels } from '../../../machinery/labels/selector.ts'
import type { NodeInfo } from '../../cache/node-info.ts'
import type { PodInfo } from '../../cache/pod-info.ts'
import type { SchedulerCache } from '../../cache/scheduler-cache.ts'

export const hostnameLabel = 'kubernetes.io/hostname'
export const zoneLabel = 'topology.kubernetes.io/zone'

/** A constraint, read for counting (plugins/podtopologyspread/common.go). */
export interface Constraint {
  readonly topologyKey: string
  readonly maxSkew: number
  readonly minDomains: number
  readonly selector: Selector
  readonly honorsAffinity: boolean
  readonly honorsTaints: boolean
}

export function constraintsOf(
  constraints: readonly TopologySpreadConstraint[],
  podLabels: { readonly [label: string]: string } | undefined,
  whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway',
): Constraint[] {
  return constraints
    .filter((constraint) => constraint.whenUnsatisfiable === whenUnsatisfiable)
    .map((constraint) => ({
      topologyKey: constraint.topologyKey,
      maxSkew: constraint.maxSkew,
      minDomains: constraint.minDomains ?? 1,
      selector: withOwnLabels(selectorOfLabelSelector(constraint.labelSelector), constraint, podLabels),
      honorsAffinity: (constraint.nodeAffinityPolicy ?? 'Honor') === 'Honor',
      honorsTaints: constraint.nodeTaintsPolicy === 'Honor',
    }))
}

/** `matchLabelKeys`: only pods with the same values of these labels count. */
function withOwnLabels(
  selector: Selector,
  { matchLabelKeys = [] }: TopologySpreadConstraint,
  podLabels: { readonly [label: string]: string } = {},
): Selector {
  const own = matchLabelKeys.filter((key) => podLabels[key] !== undefined).map((key) => [key, podLabels[key]!])
  if (own.length === 0 || selector.nothing) return selector
  return selectorOf([...selectorOfLabels(Object.fromEntries(own)).requirements, ...selector.requirements])
}

export function hasAllKeys(labels: { readonly [label: string]: string }, constraints: readonly Constraint[]): boolean {
  return constraints.every(({ topologyKey }) => labels[topologyKey] !== undefined)
}

/** Pods that count, by node; an empty selector counts none. */
export function matchingPods(pod: PodInfo, selector: Selector, cache: SchedulerCache): ReadonlyMap<string, number> {
  return selector.empty ? new Map() : cache.counts.byNode(pod.namespace, selector, false)
}

/** Whether the pods of a node count at all: nodes on which the pod may not be are left out where it says so. */
export class Inclusion {
  readonly #affinity: NodeMatcher | undefined
  readonly #pod: Pod
  constructor(pod: Pod) {
    this.#pod = pod
    this.#affinity = requiredNodeAffinity(pod)
  }
  includes(constraint: Constraint, { node }: NodeInfo): boolean {
    if (constraint.honorsAffinity && this.#affinity && !this.#affinity.matches(node as Node)) return false
    if (!constraint.honorsTaints) return true
    const { tolerations } = this.#pod.spec ?? {}
    return untoleratedTaint(node?.spec?.taints, tolerations, ['NoSchedule', 'NoExecute']) === undefined
  }
}
