import type { NodeInfo } from '../cache/node-info.ts'
import type { PodInfo } from '../cache/pod-info.ts'

/** The name under which a pod waits that extenders have rejected: nobody knows what would help, so everything may. */
export const extenderName = 'Extender'

/** Which nodes an extender leaves, and why not the others. */
export interface FilterAnswer {
  readonly nodes: readonly NodeInfo[]
  /** Reasons by node. */
  readonly failed: Readonly<Record<string, string>>
  readonly failedAndUnresolvable: Readonly<Record<string, string>>
}

/** Pods that would have to go from a node. */
export interface Victims {
  readonly pods: readonly PodInfo[]
  readonly budgetViolations: number
}

/**
 * A process beside the scheduler that has a say in where pods go (kube-scheduler framework Extender). Each call rejects
 * when the extender cannot be asked, or says that something is wrong.
 */
export interface Extender {
  readonly name: string
  /** Pods are scheduled without it when it fails. */
  readonly ignorable: boolean
  readonly filters: boolean
  readonly prioritizes: boolean
  readonly preempts: boolean
  readonly binds: boolean
  isInterested(pod: PodInfo): boolean
  filter(pod: PodInfo, nodes: readonly NodeInfo[]): Promise<FilterAnswer>
  /** Weighed scores by node, to be added to those of the plugins. */
  prioritize(pod: PodInfo, nodes: readonly NodeInfo[]): Promise<ReadonlyMap<string, number>>
  preempt(pod: PodInfo, victims: ReadonlyMap<string, Victims>): Promise<ReadonlyMap<string, Victims>>
  bind(pod: PodInfo, node: string): Promise<void>
}
