import type { Random } from '../../machinery/random.ts'
import type { NodeInfo } from '../cache/node-info.ts'
import type { PodInfo } from '../cache/pod-info.ts'
import type { SchedulerCache } from '../cache/scheduler-cache.ts'
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

/** How many nodes that fit are enough to choose from: the more nodes, the smaller a part (schedule_one.go). */
export function nodesToFind(nodeCount: number): number {
  if (nodeCount < fewestNodesToFind) return nodeCount
  const percentage = Math.max(lowestPercentage, 50 - Math.trunc(nodeCount / 125))
  return Math.max(fewestNodesToFind, Math.trunc((nodeCount * percentage) / 100))
}

/** Finds the best node for a pod, without a pause and without changing anything. */
export class PodScheduling {
  readonly #cache: SchedulerCache
  readonly #runner: PluginRunner
  readonly #random: Random
  /** Where the last search ended, so that each node gets its turn. */
  #nextStart = 0

  constructor(cache: SchedulerCache, runner: PluginRunner, random: Random) {
    this.#cache = cache
    this.#runner = runner
    this.#random = random
  }

  /** The node's name. Throws FitError, or NoNodesError. */
  schedule(state: CycleState, pod: PodInfo): string {
    const { nodes } = this.#cache
    if (nodes.length === 0) throw new NoNodesError()
    const diagnosis = new Diagnosis()
    const fitting = this.#fitting(state, pod, nodes, diagnosis)
    if (fitting.length === 0) throw new FitError(nodes.length, diagnosis)
    if (fitting.length === 1) return fitting[0]!.name
    return this.#best(fitting, this.#runner.score(state, pod, fitting))
  }

  #fitting(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[], diagnosis: Diagnosis): NodeInfo[] {
    const { names, byPlugins, rejection } = this.#runner.preFilter(state, pod, nodes)
    for (const plugin of byPlugins) diagnosis.rejectors.add(plugin)
    if (rejection) {
      diagnosis.others = rejection
      diagnosis.preFilterMessage = messageOf(rejection)
      diagnosis.blame(rejection)
      return []
    }
    // Room was being made there for this pod: likely the only node that can do.
    const nominated = this.#cache.node(pod.pod.status?.nominatedNodeName ?? '')
    if (nominated && !this.#runner.filter(state, pod, nominated)) return [nominated]
    let candidates = nodes
    if (names) {
      candidates = [...names].map((name) => this.#cache.node(name)).filter((node) => node !== undefined)
      const plugins = [...byPlugins].sort().join(' ')
      diagnosis.others = unresolvable('', `node(s) didn't satisfy plugin(s) [${plugins}]`)
    }
    return this.#runner.step('Filter', () => this.#search(state, pod, candidates, diagnosis))
  }

  #search(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[], diagnosis: Diagnosis): NodeInfo[] {
    const enough = nodesToFind(nodes.length)
    const filters = this.#runner.filtersFor(state)
    const fitting: NodeInfo[] = []
    let looked = 0
    for (; looked < nodes.length && fitting.length < enough; looked++) {
      const node = nodes[(this.#nextStart + looked) % nodes.length]!
      const rejection = this.#runner.filter(state, pod, node, filters)
      if (rejection) diagnosis.reject(node.name, rejection)
      else fitting.push(node)
    }
    this.#nextStart = (this.#nextStart + looked) % Math.max(1, this.#cache.nodes.length)
    return fitting
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
      } else if (difference === 0 && this.#random.float() < 1 / ++ties) best = index
    }
    return nodes[best]!.name
  }
}
