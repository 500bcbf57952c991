import type { Random } from '../../../machinery/random.ts'
import type { PodInfo } from '../../cache/pod-info.ts'
import type { SchedulerCache } from '../../cache/scheduler-cache.ts'
import { action } from '../../framework/cluster-event.ts'
import { Diagnosis, fitMessage } from '../../framework/diagnosis.ts'
import type { Lookups } from '../../framework/lookups.ts'
import type { PostFilterResult, SchedulerPlugin } from '../../framework/plugin.ts'
import type { PluginRunner } from '../../framework/plugin-runner.ts'
import { unresolvable } from '../../framework/rejection.ts'
import type { PreemptionExecutor } from './executor.ts'
import { pickNode } from './pick-node.ts'
import { type Candidate, selectVictims } from './victims.ts'

const name = 'DefaultPreemption'
const waiting = unresolvable(name, 'waiting for the preemption for this pod to be finished')
const notHelpful = unresolvable('', 'Preemption is not helpful for scheduling')

// Upstream's defaults of DefaultPreemptionArgs.
const fewestCandidates = 100
const candidatesShare = 0.1

/** Makes room for a pod by sending pods of lower priority away (plugins/defaultpreemption). */
export function defaultPreemption(options: {
  readonly cache: SchedulerCache
  readonly lookups: Lookups
  readonly random: Random
  readonly executor: PreemptionExecutor
  /** Known only once all plugins are. */
  readonly runner: () => PluginRunner
}): SchedulerPlugin {
  const { cache, lookups, random, executor } = options

  const ineligible = (pod: PodInfo, diagnosis: Diagnosis): string | undefined => {
    if (pod.pod.spec?.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.'
    const nominated = pod.pod.status?.nominatedNodeName
    if (!nominated || diagnosis.byNode.get(nominated)?.code === 'unresolvable') return undefined
    const leaving = [...(cache.node(nominated)?.pods.values() ?? [])].some(
      (other) => other.priority < pod.priority && leavesForPreemption(other),
    )
    return leaving ? 'not eligible due to a terminating pod on the nominated node.' : undefined
  }

  return {
    name,
    // Its gate opens with the victims' going, of which the plugins that rejected the pod hear too.
    events: [{ resource: 'AssignedPod', actions: action.delete, hint: () => false }],
    preEnqueue: ({ uid }) => (executor.isPreempting(uid) ? waiting : undefined),
    postFilter(state, pod, diagnosis): PostFilterResult {
      executor.tried()
      const why = ineligible(pod, diagnosis)
      if (why !== undefined) return { message: `preemption: ${why}` }
      const nodes = diagnosis.preemptable(cache.nodes)
      const candidates: Candidate[] = []
      const failures = new Diagnosis()
      failures.others = notHelpful
      if (nodes.length > 0) {
        const budgets = lookups.disruptionBudgets()
        const enough = Math.min(nodes.length, Math.max(fewestCandidates, Math.trunc(nodes.length * candidatesShare)))
        const start = Math.floor(random.float() * nodes.length)
        let harmless = 0
        for (let looked = 0; looked < nodes.length; looked++) {
          const node = nodes[(start + looked) % nodes.length]!
          const result = selectVictims(state, pod, node, options.runner(), budgets)
          if ('code' in result) failures.byNode.set(node.name, result)
          else if (result.victims.length > 0) {
            candidates.push(result)
            if (result.budgetViolations === 0) harmless++
          }
          if (harmless > 0 && candidates.length >= enough) break
        }
      }
      const best = pickNode(candidates)
      if (!best) return { message: `preemption: ${fitMessage(cache.nodes.length, failures)}`, nominatedNode: '' }
      executor.start(pod, best)
      const found = `found a potential placement for pod on node ${best.node}, preempting ${best.victims.length} victims`
      return { message: `preemption: ${found}`, nominatedNode: best.node }
    },
  }
}

function leavesForPreemption({ pod, terminating }: PodInfo): boolean {
  if (!terminating) return false
  const condition = pod.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')
  return condition?.status === 'True' && condition.reason === 'PreemptionByScheduler'
}
