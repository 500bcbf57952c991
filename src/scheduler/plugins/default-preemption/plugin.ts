import { aggregate } from '../../../machinery/errors.ts'
import type { Logger } from '../../../machinery/log.ts'
import type { Random } from '../../../machinery/random.ts'
import type { PodInfo } from '../../cache/pod-info.ts'
import type { SchedulerCache } from '../../cache/scheduler-cache.ts'
import type { PluginArguments } from '../../configuration/types.ts'
import { action } from '../../framework/cluster-event.ts'
import { Diagnosis, fitMessage } from '../../framework/diagnosis.ts'
import type { Lookups } from '../../framework/lookups.ts'
import type { Extender } from '../../extenders/extender.ts'
import { preemptByExtenders } from '../../extenders/extenders.ts'
import type { PostFilterResult, SchedulerPlugin } from '../../framework/plugin.ts'
import type { PluginRunner } from '../../framework/plugin-runner.ts'
import { unresolvable } from '../../framework/rejection.ts'
import type { PreemptionExecutor } from './executor.ts'
import { pickNode } from './pick-node.ts'
import { type Candidate, selectVictims } from './victims.ts'

const name = 'DefaultPreemption'
const waiting = unresolvable(name, 'waiting for the preemption for this pod to be finished')
const notHelpful = unresolvable('', 'Preemption is not helpful for scheduling')

/** Makes room for a pod by sending pods of lower priority away (plugins/defaultpreemption). */
export function defaultPreemption(
  args: PluginArguments['DefaultPreemption'],
  options: {
    readonly cache: SchedulerCache
    readonly lookups: Lookups
    readonly random: Random
    readonly executor: PreemptionExecutor
    readonly log: Logger
    /** Known only once all plugins are. */
    readonly runner: () => PluginRunner
  },
): SchedulerPlugin {
  const { cache, lookups, random, executor, log } = options

  const ineligible = (pod: PodInfo, diagnosis: Diagnosis): string | undefined => {
    if (pod.pod.spec?.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.'
    const nominated = pod.pod.status?.nominatedNodeName
    if (!nominated || diagnosis.byNode.get(nominated)?.code === 'unresolvable') return undefined
    const leaving = [...(cache.node(nominated)?.pods.values() ?? [])].some(
      (other) => other.priority < pod.priority && leavesForPreemption(other),
    )
    return leaving ? 'not eligible due to a terminating pod on the nominated node.' : undefined
  }

  const preempt = (pod: PodInfo, candidates: readonly Candidate[]): PostFilterResult => {
    const best = pickNode(candidates)
    if (!best) return { message: 'preemption: no candidate node for preemption' }
    executor.start(pod, best)
    const found = `found a potential placement for pod on node ${best.node}, preempting ${best.victims.length} victims`
    return { message: `preemption: ${found}`, nominatedNode: best.node }
  }
  const consult = async (
    extenders: readonly Extender[],
    pod: PodInfo,
    candidates: readonly Candidate[],
  ): Promise<PostFilterResult> => {
    const victims = new Map(
      candidates.map(({ node, victims: pods, budgetViolations }) => [node, { pods, budgetViolations }]),
    )
    try {
      const left = await preemptByExtenders(extenders, pod, victims, log)
      return preempt(
        pod,
        Array.from(left, ([node, { pods, budgetViolations }]) => ({ node, victims: pods, budgetViolations })),
      )
    } catch (error) {
      return { message: `preemption: ${(error as Error).message}`, isError: true }
    }
  }

  return {
    name,
    // Its gate opens with the victims' going, of which the plugins that rejected the pod hear too.
    events: [{ resource: 'AssignedPod', actions: action.delete, hint: () => false }],
    preEnqueue: ({ uid }) => (executor.isPreempting(uid) ? waiting : undefined),
    postFilter(state, pod, diagnosis) {
      executor.tried()
      const why = ineligible(pod, diagnosis)
      if (why !== undefined) return { message: `preemption: ${why}` }
      const nodes = diagnosis.preemptable(cache.nodes)
      const candidates: Candidate[] = []
      const failures = new Diagnosis()
      failures.others = notHelpful
      const errors = new Set<string>()
      if (nodes.length > 0) {
        const budgets = lookups.disruptionBudgets()
        const share = Math.trunc((nodes.length * args.minCandidateNodesPercentage) / 100)
        const enough = Math.min(nodes.length, Math.max(args.minCandidateNodesAbsolute, share))
        const start = Math.floor(random.float() * nodes.length)
        let harmless = 0
        for (let looked = 0; looked < nodes.length; looked++) {
          const node = nodes[(start + looked) % nodes.length]!
          const result = tried(() => selectVictims(state, pod, node, options.runner(), budgets))
          if (result instanceof Error) errors.add(result.message)
          else if ('code' in result) failures.byNode.set(node.name, result)
          else if (result.victims.length > 0) {
            candidates.push(result)
            if (result.budgetViolations === 0) harmless++
          }
          if (harmless > 0 && candidates.length >= enough) break
        }
      }
      if (candidates.length === 0 && errors.size > 0)
        return { message: `preemption: ${aggregate([...errors])}`, isError: true }
      if (candidates.length === 0)
        return { message: `preemption: ${fitMessage(cache.nodes.length, failures)}`, nominatedNode: '' }
      const consulted = state.extenders.filter(({ preempts }) => preempts)
      return consulted.length === 0 ? preempt(pod, candidates) : consult(consulted, pod, candidates)
    },
  }
}

function leavesForPreemption({ pod, terminating }: PodInfo): boolean {
  if (!terminating) return false
  const condition = pod.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')
  return condition?.status === 'True' && condition.reason === 'PreemptionByScheduler'
}

/** A plugin that fails on one node must not lose the pod. */
function tried<Answer>(decide: () => Answer): Answer | Error {
  try {
    return decide()
  } catch (error) {
    return error as Error
  }
}
