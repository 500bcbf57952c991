import { startedAt } from './start-time.ts'
import type { PodDisruptionBudget } from '../../../api/types.generated.ts'
import { selectorOfLabelSelector } from '../../../machinery/labels/label-selector.ts'
import type { NodeInfo } from '../../cache/node-info.ts'
import type { PodInfo } from '../../cache/pod-info.ts'
import type { CycleState } from '../../framework/cycle-state.ts'
import type { PluginRunner } from '../../framework/plugin-runner.ts'
import { type Rejection, unresolvable } from '../../framework/rejection.ts'

/** A node that would take the pod if these went. */
export interface Candidate {
  readonly node: string
  /** The most important first. */
  readonly victims: readonly PodInfo[]
  readonly budgetViolations: number
}

/** Higher priority first, then who has run for longer (preemption/util.go MoreImportantVictim). */
export function byImportance(a: PodInfo, b: PodInfo): number {
  return b.priority - a.priority || startedAt(a) - startedAt(b)
}

/**
 * The fewest pods of lower priority that have to go: all go in thought, then as many as possible come back, those first
 * whose going a disruption budget forbids, then the most important (default_preemption.go SelectVictimsOnNode).
 */
export function selectVictims(
  state: CycleState,
  pod: PodInfo,
  original: NodeInfo,
  runner: PluginRunner,
  budgets: readonly PodDisruptionBudget[],
): Candidate | Rejection {
  const lower = [...original.pods.values()].filter(({ priority }) => priority < pod.priority)
  if (lower.length === 0) return unresolvable('', 'No preemption victims found for incoming pod')
  const node = original.clone()
  const thought = state.clone()
  const remove = (victim: PodInfo) => {
    node.removePod(victim)
    runner.removePod(thought, pod, victim, node)
  }
  for (const victim of lower) remove(victim)
  const rejection = runner.filter(thought, pod, node)
  if (rejection) return rejection
  lower.sort(byImportance)
  const { violating, harmless } = splitByBudget(lower, budgets)
  const victims: PodInfo[] = []
  const stays = (candidate: PodInfo) => {
    node.addPod(candidate)
    runner.addPod(thought, pod, candidate, node)
    if (!runner.filter(thought, pod, node)) return true
    remove(candidate)
    victims.push(candidate)
    return false
  }
  let budgetViolations = 0
  for (const candidate of violating) if (!stays(candidate)) budgetViolations++
  for (const candidate of harmless) stays(candidate)
  return { node: original.name, victims: victims.sort(byImportance), budgetViolations }
}

/** Pods whose going would take a budget below zero, and the others, each in their order. */
export function splitByBudget(
  pods: readonly PodInfo[],
  budgets: readonly PodDisruptionBudget[],
): { readonly violating: readonly PodInfo[]; readonly harmless: readonly PodInfo[] } {
  const readable = budgets.flatMap((budget) => {
    try {
      const selector = selectorOfLabelSelector(budget.spec?.selector)
      return selector.empty ? [] : [{ budget, selector, allowed: budget.status?.disruptionsAllowed ?? 0 }]
    } catch {
      return []
    }
  })
  const violates = (pod: PodInfo) => {
    if (Object.keys(pod.labels ?? {}).length === 0) return false
    for (const entry of readable) {
      if (entry.budget.metadata.namespace !== pod.namespace || !entry.selector.matches(pod.labels)) continue
      // It is on its way already, and was counted then.
      if (entry.budget.status?.disruptedPods?.[pod.name] !== undefined) continue
      if (--entry.allowed < 0) return true
    }
    return false
  }
  const violating: PodInfo[] = []
  const harmless: PodInfo[] = []
  for (const pod of pods) (violates(pod) ? violating : harmless).push(pod)
  return { violating, harmless }
}
