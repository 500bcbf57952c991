import type { NodeInfo } from '../cache/node-info.ts'
import type { PodInfo } from '../cache/pod-info.ts'
import type { Nominator } from '../queue/nominator.ts'
import { CycleState } from './cycle-state.ts'
import type { Diagnosis } from './diagnosis.ts'
import { type PostFilterResult, type SchedulerPlugin, skip } from './plugin.ts'
import { type Rejection, unresolvable } from './rejection.ts'

/** Runs the plugins' steps in their order (framework/runtime/framework.go). */
export class PluginRunner {
  readonly plugins: readonly SchedulerPlugin[]
  readonly #nominator: Nominator
  readonly #filters: readonly SchedulerPlugin[]
  readonly #scorers: readonly SchedulerPlugin[]

  constructor(plugins: readonly SchedulerPlugin[], nominator: Nominator) {
    this.plugins = plugins
    this.#nominator = nominator
    this.#filters = plugins.filter((plugin) => plugin.filter)
    this.#scorers = plugins.filter((plugin) => plugin.score)
  }

  /** Which nodes can do at all: all (undefined), or these; or a rejection for all of them. */
  preFilter(
    state: CycleState,
    pod: PodInfo,
    nodes: readonly NodeInfo[],
  ): { readonly names?: ReadonlySet<string>; readonly byPlugins: readonly string[]; readonly rejection?: Rejection } {
    let names: ReadonlySet<string> | undefined
    let rejection: Rejection | undefined
    const byPlugins: string[] = []
    for (const plugin of this.plugins) {
      if (!plugin.preFilter) continue
      const answer = plugin.preFilter(state, pod, nodes)
      if (answer === undefined) continue
      if (answer === skip) state.skipFilter.add(plugin.name)
      else if ('code' in answer) {
        if (answer.code === 'unresolvable') return { byPlugins: [], rejection: answer }
        // Preemption may help later, and it needs what the other plugins find out.
        rejection = answer
      } else {
        byPlugins.push(plugin.name)
        names = names ? names.intersection(answer) : answer
        if (names.size > 0) continue
        const [only] = byPlugins
        const message =
          byPlugins.length === 1
            ? `node(s) didn't satisfy plugin ${only}`
            : `node(s) didn't satisfy plugin(s) [${[...byPlugins].sort().join(' ')}] simultaneously`
        return { names, byPlugins, rejection: unresolvable('', message) }
      }
    }
    return { names, byPlugins, rejection }
  }

  addPod(state: CycleState, pod: PodInfo, added: PodInfo, node: NodeInfo): void {
    for (const plugin of this.plugins) {
      if (plugin.addPod && !state.skipFilter.has(plugin.name)) plugin.addPod(state, pod, added, node)
    }
  }
  removePod(state: CycleState, pod: PodInfo, removed: PodInfo, node: NodeInfo): void {
    for (const plugin of this.plugins) {
      if (plugin.removePod && !state.skipFilter.has(plugin.name)) plugin.removePod(state, pod, removed, node)
    }
  }

  /** The filters that have something to say of the pod. */
  filtersFor(state: CycleState): readonly SchedulerPlugin[] {
    return state.skipFilter.size === 0 ? this.#filters : this.#filters.filter(({ name }) => !state.skipFilter.has(name))
  }

  /**
   * Whether the node can take the pod: also when pods of no lower priority come that room is being made for, and also when
   * they do not come after all.
   */
  filter(
    state: CycleState,
    pod: PodInfo,
    node: NodeInfo,
    filters: readonly SchedulerPlugin[] = this.filtersFor(state),
  ): Rejection | undefined {
    if (!this.#nominator.empty) {
      const nominated = this.#nominator
        .on(node.name)
        .filter(({ uid, priority }) => priority >= pod.priority && uid !== pod.uid)
      if (nominated.length > 0) {
        const fuller = node.clone()
        const stateThen = state.clone()
        for (const other of nominated) {
          fuller.addPod(other)
          this.addPod(stateThen, pod, other, fuller)
        }
        const rejection = runFilters(filters, stateThen, pod, fuller)
        if (rejection) return rejection
      }
    }
    return runFilters(filters, state, pod, node)
  }

  postFilter(state: CycleState, pod: PodInfo, diagnosis: Diagnosis): PostFilterResult | undefined {
    const messages: string[] = []
    let nominatedNode: string | undefined
    for (const plugin of this.plugins) {
      const result = plugin.postFilter?.(state, pod, diagnosis)
      if (!result) continue
      if (result.nominatedNode || result.isError) return result
      nominatedNode = result.nominatedNode ?? nominatedNode
      if (result.message !== '') messages.push(result.message)
    }
    return messages.length === 0 && nominatedNode === undefined
      ? undefined
      : { message: messages.join(', '), nominatedNode }
  }

  /** The weighted sum of all scores, node by node. */
  score(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[]): Float64Array {
    const totals = new Float64Array(nodes.length)
    for (const plugin of this.#scorers) {
      if (plugin.preScore?.(state, pod, nodes) === skip) state.skipScore.add(plugin.name)
    }
    const scores = new Float64Array(nodes.length)
    for (const plugin of this.#scorers) {
      if (state.skipScore.has(plugin.name)) continue
      for (let index = 0; index < nodes.length; index++) scores[index] = plugin.score!(state, pod, nodes[index]!)
      plugin.normalize?.(state, pod, nodes, scores)
      const weight = plugin.weight ?? 1
      for (let index = 0; index < nodes.length; index++) totals[index]! += scores[index]! * weight
    }
    return totals
  }

  reserve(state: CycleState, pod: PodInfo, node: string): Rejection | undefined {
    for (const plugin of this.plugins) {
      const rejection = plugin.reserve?.(state, pod, node)
      if (!rejection) continue
      this.unreserve(state, pod, node)
      return rejection
    }
    return undefined
  }
  unreserve(state: CycleState, pod: PodInfo, node: string): void {
    for (const plugin of this.plugins.toReversed()) plugin.unreserve?.(state, pod, node)
  }
  async preBind(state: CycleState, pod: PodInfo, node: string): Promise<void> {
    for (const plugin of this.plugins) if (plugin.preBind) await plugin.preBind(state, pod, node)
  }
  async bind(pod: PodInfo, node: string): Promise<void> {
    for (const plugin of this.plugins) if (plugin.bind) await plugin.bind(pod, node)
  }
}

function runFilters(
  filters: readonly SchedulerPlugin[],
  state: CycleState,
  pod: PodInfo,
  node: NodeInfo,
): Rejection | undefined {
  for (const plugin of filters) {
    const rejection = plugin.filter!(state, pod, node)
    if (rejection) return rejection
  }
  return undefined
}
