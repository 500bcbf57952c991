import type { Logger } from '../../machinery/log.ts'
import type { Random } from '../../machinery/random.ts'
import type { NodeInfo } from '../cache/node-info.ts'
import type { PodInfo } from '../cache/pod-info.ts'
import type { SchedulerCache } from '../cache/scheduler-cache.ts'
import type { Extender } from '../extenders/extender.ts'
import { extenderScores, filterByExtenders } from '../extenders/extenders.ts'
import type { CycleState } from '../framework/cycle-state.ts'
import { Diagnosis, FitError } from '../framework/diagnosis.ts'
import type { PluginRunner } from '../framework/plugin-runner.ts'
import { messageOf, unresolvable } from '../framework/rejection.ts'

/** There is no node at all (scheduler.go ErrNoNodesAvailable). */
export class NoNodesError extends Error {
  override readonly name = 'NoNodesError'
  constructor() {
    super('no nodes available to schedule pods')
  }
}

const fewestNodesToFind = 100
const lowestPercentage = 5

/** How many nodes that fit are enough to choose from: the more nodes, the smaller a part, unless told (schedule_one.go). */
export function nodesToFind(nodeCount: number, percentageToScore = 0): number {
  if (nodeCount < fewestNodesToFind) return nodeCount
  const percentage = percentageToScore || Math.max(lowestPercentage, 50 - Math.trunc(nodeCount / 125))
  return Math.max(fewestNodesToFind, Math.trunc((nodeCount * percentage) / 100))
}

export interface PodSchedulingOptions {
  readonly cache: SchedulerCache
  readonly runner: PluginRunner
  readonly random: Random
  readonly log: Logger
  /** 0: as many as suits the number of nodes. */
  readonly percentageOfNodesToScore: number
  /** Whether extenders may leave fewer nodes, or prefer some: then the first that fits is not enough. */
  readonly extended: boolean
  /** Where searches begin, for all profiles. */
  readonly turn: { next: number }
}

/** Finds the best node for a pod, without changing anything: without a pause, unless extenders are to be asked. */
export class PodScheduling {
  readonly #cache: SchedulerCache
  readonly #options: PodSchedulingOptions

  constructor(options: PodSchedulingOptions) {
    this.#cache = options.cache
    this.#options = options
  }

  /** The node's name. Throws FitError, or NoNodesError. */
  schedule(state: CycleState, pod: PodInfo): string {
    const { nodes } = this.#cache
    if (nodes.length === 0) throw new NoNodesError()
    const diagnosis = new Diagnosis()
    const candidates = this.#candidates(state, pod, nodes, diagnosis)
    if (candidates === undefined) throw new FitError(nodes.length, diagnosis)
    let fitting: readonly NodeInfo[] = this.#onNominated(state, pod, diagnosis)
    if (fitting.length === 0) fitting = this.#timedSearch(state, pod, candidates, diagnosis)
    if (fitting.length === 0) throw new FitError(nodes.length, diagnosis)
    if (fitting.length === 1) return fitting[0]!.name
    return this.#best(fitting, this.#scored(state, pod, fitting))
  }

  /**
   * Likewise, with these extenders having a say. Others must not be scheduled meanwhile; what the cluster does meanwhile is
   * seen from one step to the next.
   */
  async scheduleExtended(state: CycleState, pod: PodInfo, extenders: readonly Extender[]): Promise<string> {
    const { nodes } = this.#cache
    const { log } = this.#options
    if (nodes.length === 0) throw new NoNodesError()
    const diagnosis = new Diagnosis()
    const candidates = this.#candidates(state, pod, nodes, diagnosis)
    if (candidates === undefined) throw new FitError(nodes.length, diagnosis)
    const passing = async (fitting: readonly NodeInfo[]) =>
      (await filterByExtenders(extenders, pod, fitting, diagnosis, log)).filter(({ node }) => node !== undefined)
    let fitting: readonly NodeInfo[] = []
    try {
      fitting = await passing(this.#onNominated(state, pod, diagnosis))
    } catch (error) {
      log.error('evaluation failed on nominated node', { pod: pod.key, error })
    }
    if (fitting.length === 0) fitting = await passing(this.#timedSearch(state, pod, candidates, diagnosis))
    if (fitting.length === 0) throw new FitError(nodes.length, diagnosis)
    if (fitting.length === 1) return fitting[0]!.name
    const scores = this.#options.runner.score(state, pod, fitting)
    const added = await extenderScores(extenders, pod, fitting, log)
    for (const [index, { name }] of fitting.entries()) scores[index]! += added.get(name) ?? 0
    return this.#best(fitting, scores)
  }

  /** The nodes to look at; undefined: none can do. */
  #candidates(
    state: CycleState,
    pod: PodInfo,
    nodes: readonly NodeInfo[],
    diagnosis: Diagnosis,
  ): readonly NodeInfo[] | undefined {
    const { names, byPlugins, rejection } = this.#options.runner.preFilter(state, pod, nodes)
    for (const plugin of byPlugins) diagnosis.rejectors.add(plugin)
    if (rejection) {
      diagnosis.others = rejection
      diagnosis.preFilterMessage = messageOf(rejection)
      diagnosis.blame(rejection)
      return undefined
    }
    if (!names) return nodes
    const plugins = [...byPlugins].sort().join(' ')
    diagnosis.others = unresolvable('', `node(s) didn't satisfy plugin(s) [${plugins}]`)
    return [...names].map((name) => this.#cache.node(name)).filter((node) => node !== undefined)
  }

  /** Where room was being made for the pod: likely the only node that can do. */
  #onNominated(state: CycleState, pod: PodInfo, diagnosis: Diagnosis): readonly NodeInfo[] {
    const nominated = this.#cache.node(pod.pod.status?.nominatedNodeName ?? '')
    if (nominated === undefined) return []
    const rejection = this.#options.runner.filter(state, pod, nominated)
    if (rejection === undefined) return [nominated]
    diagnosis.reject(nominated.name, rejection)
    return []
  }

  #timedSearch(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[], diagnosis: Diagnosis): NodeInfo[] {
    return this.#options.runner.step('Filter', () => this.#search(state, pod, nodes, diagnosis))
  }

  #search(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[], diagnosis: Diagnosis): NodeInfo[] {
    const { runner, percentageOfNodesToScore, extended, turn } = this.#options
    const chooses = extended || runner.scores
    const enough = chooses ? nodesToFind(nodes.length, percentageOfNodesToScore) : Math.min(1, nodes.length)
    const filters = runner.filtersFor(state)
    const fitting: NodeInfo[] = []
    let looked = 0
    for (; looked < nodes.length && fitting.length < enough; looked++) {
      const node = nodes[(turn.next + looked) % nodes.length]!
      const rejection = runner.filter(state, pod, node, filters)
      if (rejection) diagnosis.reject(node.name, rejection)
      else fitting.push(node)
    }
    turn.next = (turn.next + looked) % Math.max(1, this.#cache.nodes.length)
    return fitting
  }

  #scored(state: CycleState, pod: PodInfo, fitting: readonly NodeInfo[]): Float64Array {
    const { runner } = this.#options
    return runner.scores ? runner.score(state, pod, fitting) : new Float64Array(fitting.length)
  }

  /** The highest score; among several, any. */
  #best(nodes: readonly NodeInfo[], scores: Float64Array): string {
    let best = 0
    let ties = 1
    for (let index = 1; index < nodes.length; index++) {
      const difference = scores[index]! - scores[best]!
      if (difference > 0) {
        best = index
        ties = 1
      } else if (difference === 0 && this.#options.random.float() < 1 / ++ties) best = index
    }
    return nodes[best]!.name
  }
}
