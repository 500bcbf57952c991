import type { Node, Pod } from '../../api/types.generated.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { NodeInfo } from '../cache/node-info.ts'
import type { PodInfo } from '../cache/pod-info.ts'
import type { ExtensionPoint } from './extension-points.ts'
import type { ClusterEvent } from './cluster-event.ts'
import type { CycleState } from './cycle-state.ts'
import type { Diagnosis } from './diagnosis.ts'
import type { Rejection } from './rejection.ts'

/** A plugin's answer that it has nothing to say of this pod, in any later step of the cycle. */
export const skip = 'skip'
export type Skip = typeof skip

/** Asks whether an event may make a pod schedulable that the plugin rejected; `old` and `object` as in the event. */
export type QueueingHint = (pod: PodInfo, old: KubeObject | undefined, object: KubeObject | undefined) => boolean

export interface EventHint extends ClusterEvent {
  /** Absent: always worth a try. */
  readonly hint?: QueueingHint
}

export type NodeHint = (pod: PodInfo, old: Node | undefined, node: Node | undefined) => boolean
export type PodHint = (pod: PodInfo, old: Pod | undefined, changed: Pod | undefined) => boolean

/** The highest score that a plugin gives a node. */
export const maxScore = 100

/**
 * One rule of scheduling. A plugin implements the steps that it has something to say in; they are called in this order,
 * all but `preBind` and `bind` without a pause in between. Upstream's contract: kube-scheduler framework/interface.go.
 */
export interface SchedulerPlugin {
  readonly name: string
  /** Points at which upstream's plugin of this name has a step that this one does without: it may be chosen there. */
  readonly alsoAt?: readonly ExtensionPoint[]
  /** It orders the queue: by priority, then by time, which is the only order there is. */
  readonly queueSort?: true
  /** What may make a pod schedulable that this plugin rejected. Absent: whatever happens. */
  readonly events?: readonly EventHint[]

  /** Whether the pod may enter the queue at all. */
  preEnqueue?(pod: PodInfo): Rejection | undefined

  /** Once per pod. A set: only these nodes can do. */
  preFilter?(
    state: CycleState,
    pod: PodInfo,
    nodes: readonly NodeInfo[],
  ): ReadonlySet<string> | Rejection | Skip | undefined
  /** Keeps what preFilter wrote right when a pod is thought onto a node or away from it. */
  addPod?(state: CycleState, pod: PodInfo, added: PodInfo, node: NodeInfo): void
  removePod?(state: CycleState, pod: PodInfo, removed: PodInfo, node: NodeInfo): void
  filter?(state: CycleState, pod: PodInfo, node: NodeInfo): Rejection | undefined

  /** No node fits: makes room if it can. The message ends the one that the pod gets. */
  postFilter?(state: CycleState, pod: PodInfo, diagnosis: Diagnosis): PostFilterAnswer

  /** Once per pod, with the nodes that fit. */
  preScore?(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[]): Skip | undefined
  /** 0 … maxScore, or anything if `normalize` brings it there. */
  score?(state: CycleState, pod: PodInfo, node: NodeInfo): number
  normalize?(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[], scores: Float64Array): void

  /** Holds something of the node for the pod. */
  reserve?(state: CycleState, pod: PodInfo, node: string): Rejection | undefined
  unreserve?(state: CycleState, pod: PodInfo, node: string): void
  /** Whether preBind will do anything that takes time: the pod's status names the node meanwhile. */
  willPreBind?(state: CycleState, pod: PodInfo, node: string): boolean
  preBind?(state: CycleState, pod: PodInfo, node: string): Promise<void>
  bind?(pod: PodInfo, node: string): Promise<void>
}

/** With extenders to ask, the answer comes later. */
export type PostFilterAnswer = PostFilterResult | Promise<PostFilterResult>

export interface PostFilterResult {
  /** '': nothing to say. */
  readonly message: string
  /** Something is wrong: no other plugin is asked. */
  readonly isError?: boolean
  /** A name: the node that will have room; '': no node any more; undefined: as it was. */
  readonly nominatedNode?: string
}

/** 0 … maxScore in proportion to the highest; reversed: the highest becomes 0 (plugins/helper/normalize_score.go). */
export function normalizeToHighest(scores: Float64Array, reverse: boolean): void {
  let highest = 0
  for (const score of scores) if (score > highest) highest = score
  if (highest === 0) {
    if (reverse) scores.fill(maxScore)
    return
  }
  for (let index = 0; index < scores.length; index++) {
    const score = Math.floor((maxScore * scores[index]!) / highest)
    scores[index] = reverse ? maxScore - score : score
  }
}
