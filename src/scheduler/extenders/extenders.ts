import type { Clock } from '../../machinery/clock.ts'
import type { Logger } from '../../machinery/log.ts'
import type { NodeInfo } from '../cache/node-info.ts'
import type { PodInfo } from '../cache/pod-info.ts'
import type { ExtenderConfiguration, PluginArguments, SchedulerConfiguration } from '../configuration/types.ts'
import type { Diagnosis } from '../framework/diagnosis.ts'
import { unresolvable, unschedulable } from '../framework/rejection.ts'
import { type Extender, extenderName, type Victims } from './extender.ts'
import { httpExtender } from './http-extender.ts'
import { postJson } from './post-json.ts'

/** Those that may be missed come last, so that the others have had their say. */
export function makeExtenders(
  configurations: readonly ExtenderConfiguration[],
  nodeNamed: (name: string) => NodeInfo | undefined,
  clock: Clock,
): readonly Extender[] {
  const made = configurations.map((configuration) => {
    try {
      return httpExtender({ configuration, post: postJson(configuration, clock), nodeNamed })
    } catch (error) {
      throw new Error(`couldn't build extenders: ${(error as Error).message}`, { cause: error })
    }
  })
  return [...made.filter(({ ignorable }) => !ignorable), ...made.filter(({ ignorable }) => ignorable)]
}

/** Resources that extenders count by themselves are none of NodeResourcesFit's business (scheduler.go buildExtenders). */
export function withIgnoredResources(configuration: SchedulerConfiguration): SchedulerConfiguration {
  const ignoredResources = (configuration.extenders ?? []).flatMap(({ managedResources = [] }) =>
    managedResources.filter(({ ignoredByScheduler }) => ignoredByScheduler).map(({ name }) => name),
  )
  if (ignoredResources.length === 0) return configuration
  const name = 'NodeResourcesFit'
  return {
    ...configuration,
    profiles: configuration.profiles.map((profile) => {
      if (!profile.pluginConfig.some((one) => one.name === name))
        throw new Error("couldn't build extenders: can't find NodeResourcesFitArgs in plugin config")
      return {
        ...profile,
        pluginConfig: profile.pluginConfig.map((one) =>
          one.name === name
            ? { name, args: { ...(one.args as PluginArguments['NodeResourcesFit']), ignoredResources } }
            : one,
        ),
      }
    }),
  }
}

/** The nodes that all extenders leave (schedule_one.go findNodesThatPassExtenders). */
export async function filterByExtenders(
  extenders: readonly Extender[],
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  diagnosis: Diagnosis,
  log: Logger,
): Promise<readonly NodeInfo[]> {
  let left = nodes
  for (const extender of extenders) {
    if (left.length === 0) break
    try {
      const { nodes: fitting, failed, failedAndUnresolvable } = await extender.filter(pod, left)
      for (const [node, reason] of Object.entries(failed)) diagnosis.byNode.set(node, unschedulable('', reason))
      for (const [node, reason] of Object.entries(failedAndUnresolvable))
        diagnosis.byNode.set(node, unresolvable('', reason))
      left = fitting
    } catch (error) {
      if (!extender.ignorable) throw error
      log.info('extender failed and is passed over', { extender: extender.name, error })
    }
  }
  if (left.length !== nodes.length) diagnosis.rejectors.add(extenderName)
  return left
}

/** What they give nodes altogether; one that fails gives nothing. */
export async function extenderScores(
  extenders: readonly Extender[],
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  log: Logger,
): Promise<ReadonlyMap<string, number>> {
  const totals = new Map<string, number>()
  const answers = await Promise.all(
    extenders.map(async (extender) => {
      try {
        return await extender.prioritize(pod, nodes)
      } catch (error) {
        log.debug('extender gives no scores', { extender: extender.name, error })
        return new Map<string, number>()
      }
    }),
  )
  for (const scores of answers) for (const [node, score] of scores) totals.set(node, (totals.get(node) ?? 0) + score)
  return totals
}

/** The candidates for preemption that all of them leave (preemption/preemption.go callExtenders). */
export async function preemptByExtenders(
  extenders: readonly Extender[],
  pod: PodInfo,
  candidates: ReadonlyMap<string, Victims>,
  log: Logger,
): Promise<ReadonlyMap<string, Victims>> {
  let left = candidates
  for (const extender of extenders) {
    if (!extender.preempts) continue
    if (left.size === 0) break
    try {
      const answer = await extender.preempt(pod, left)
      const empty = [...answer].filter(([, { pods }]) => pods.length === 0).map(([node]) => node)
      if (empty.length > 0 && !extender.ignorable)
        throw new Error(`expected at least one victim pod on node "${empty[0]}"`)
      left = new Map([...answer].filter(([node]) => !empty.includes(node)))
    } catch (error) {
      if (!extender.ignorable) throw error
      log.info('extender failed and is passed over', { extender: extender.name, error })
    }
  }
  return left
}
