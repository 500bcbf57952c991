import { startedAt } from './start-time.ts'
import type { Candidate } from './victims.ts'

/**
 * Where preemption does the least harm: fewest broken budgets, then the lowest of the highest priorities, the lowest sum of
 * priorities, fewest pods, the latest start of the most important ones (preemption/preemption.go pickOneNodeForPreemption).
 */
export function pickNode(candidates: readonly Candidate[]): Candidate | undefined {
  const harms: ((candidate: Candidate) => number)[] = [
    ({ budgetViolations }) => budgetViolations,
    ({ victims }) => victims[0]!.priority,
    ({ victims }) => victims.reduce((sum, { priority }) => sum + priority + 2 ** 31, 0),
    ({ victims }) => victims.length,
    ({ victims }) => -earliestStart(victims),
  ]
  let left = candidates
  for (const harm of harms) {
    if (left.length <= 1) break
    const least = Math.min(...left.map(harm))
    left = left.filter((candidate) => harm(candidate) === least)
  }
  return left[0]
}

/** The earliest start among the victims of the highest priority (pkg/scheduler/util GetEarliestPodStartTime). */
function earliestStart(victims: Candidate['victims']): number {
  const { priority } = victims[0]!
  return Math.min(...victims.filter((victim) => victim.priority === priority).map(startedAt))
}
