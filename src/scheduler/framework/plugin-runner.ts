import type { Counter } from '../../machinery/metrics.ts'
import type { NodeInfo } from '../cache/node-info.ts'
import type { PodInfo } from '../cache/pod-info.ts'
import type { Nominator } from '../queue/nominator.ts'
import { CycleState } from './cycle-state.ts'
import type { Diagnosis } from './diagnosis.ts'
import { type PostFilterResult, type SchedulerPlugin, skip } from './plugin.ts'
import { type ExtensionPoint, type PluginTiming, type StepStatus, statusOf } from './plugin-timing.ts'
import { type Rejection, unresolvable } from './rejection.ts'

/** A plugin at a step that counts how often it asks. */
export interface CountedPlugin {
  readonly plugin: SchedulerPlugin
  readonly asked: Counter | undefined
}

/** Runs the plugins' steps in their order (framework/runtime/framework.go). */
export class PluginRunner {
  readonly plugins: readonly SchedulerPlugin[]
  readonly #nominator: Nominator
  readonly #timing: PluginTiming | undefined
  readonly #preFilters: readonly CountedPlugin[]
  readonly #filters: readonly CountedPlugin[]
  readonly #preScorers: readonly CountedPlugin[]
  readonly #scorers: readonly CountedPlugin[]

  /** `timing`: where it is told how long steps take. */
  constructor(plugins: readonly SchedulerPlugin[], nominator: Nominator, timing?: PluginTiming) {
    this.plugins = plugins
    this.#nominator = nominator
    this.#timing = timing
    const at = (point: ExtensionPoint, step: keyof SchedulerPlugin) =>
      plugins
        .filter((plugin) => plugin[step])
        .map((plugin) => ({ plugin, asked: timing?.evaluations(plugin.name, point) }))
    this.#preFilters = at('PreFilter', 'preFilter')
    this.#filters = at('Filter', 'filter')
    this.#preScorers = at('PreScore', 'preScore')
    this.#scorers = at('Score', 'score')
  }

  /** What plugins are to know of the pod whose cycle begins. */
  newCycle(): CycleState {
    return new CycleState(this.#timing?.samples() ?? false)
  }

  /** Runs a step and tells how long it took. */
  step<Answer>(point: ExtensionPoint, run: () => Answer, status: (answer: Answer) => StepStatus = success): Answer {
    const timing = this.#timing
    if (timing === undefined) return run()
    return timed(run, status, timing.now(), (result, began) => timing.step(point, result, began))
  }

  #plugin<Answer>(
    state: CycleState,
    { name }: SchedulerPlugin,
    point: ExtensionPoint,
    run: () => Answer,
    status: (answer: Answer) => StepStatus = success,
  ): Answer {
    const timing = this.#timing
    if (timing === undefined || !state.sampled) return run()
    return timed(run, status, timing.now(), (result, began) => timing.plugin(name, point, result, began))
  }

  /** Which nodes can do at all: all (undefined), or these; or a rejection for all of them. */
  preFilter(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[]): Preselection {
    const run = () => this.#preFilter(state, pod, nodes)
    return this.step('PreFilter', run, ({ rejection }) => statusOf(rejection))
  }

  #preFilter(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[]): Preselection {
    let names: ReadonlySet<string> | undefined
    let rejection: Rejection | undefined
    const byPlugins: string[] = []
    for (const { plugin, asked } of this.#preFilters) {
      const run = () => plugin.preFilter!(state, pod, nodes)
      const answer = this.#plugin(state, plugin, 'PreFilter', run, (found) =>
        found === skip ? 'Skip' : found !== undefined && 'code' in found ? statusOf(found) : 'Success',
      )
      if (answer === skip) {
        state.skipFilter.add(plugin.name)
        continue
      }
      asked?.inc()
      if (answer === undefined) continue
      if ('code' in answer) {
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
      if (!plugin.addPod || state.skipFilter.has(plugin.name)) continue
      this.#plugin(state, plugin, 'PreFilterExtensionAddPod', () => plugin.addPod!(state, pod, added, node))
    }
  }
  removePod(state: CycleState, pod: PodInfo, removed: PodInfo, node: NodeInfo): void {
    for (const plugin of this.plugins) {
      if (!plugin.removePod || state.skipFilter.has(plugin.name)) continue
      this.#plugin(state, plugin, 'PreFilterExtensionRemovePod', () => plugin.removePod!(state, pod, removed, node))
    }
  }

  /** The filters that have something to say of the pod. */
  filtersFor(state: CycleState): readonly CountedPlugin[] {
    if (state.skipFilter.size === 0) return this.#filters
    return this.#filters.filter(({ plugin }) => !state.skipFilter.has(plugin.name))
  }

  /**
   * Whether the node can take the pod: also when pods of no lower priority come that room is being made for, and also when
   * they do not come after all.
   */
  filter(
    state: CycleState,
    pod: PodInfo,
    node: NodeInfo,
    filters: readonly CountedPlugin[] = this.filtersFor(state),
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
        const rejection = this.#runFilters(filters, stateThen, pod, fuller)
        if (rejection) return rejection
      }
    }
    return this.#runFilters(filters, state, pod, node)
  }

  #runFilters(
    filters: readonly CountedPlugin[],
    state: CycleState,
    pod: PodInfo,
    node: NodeInfo,
  ): Rejection | undefined {
    for (const { plugin, asked } of filters) {
      asked?.inc()
      const rejection = state.sampled
        ? this.#plugin(state, plugin, 'Filter', () => plugin.filter!(state, pod, node), statusOf)
        : plugin.filter!(state, pod, node)
      if (rejection) return rejection
    }
    return undefined
  }

  postFilter(state: CycleState, pod: PodInfo, diagnosis: Diagnosis): PostFilterResult | undefined {
    return this.step('PostFilter', () => this.#postFilter(state, pod, diagnosis), statusOfPostFilter)
  }

  #postFilter(state: CycleState, pod: PodInfo, diagnosis: Diagnosis): PostFilterResult | undefined {
    const messages: string[] = []
    let nominatedNode: string | undefined
    for (const plugin of this.plugins) {
      if (!plugin.postFilter) continue
      const run = () => plugin.postFilter!(state, pod, diagnosis)
      const result = this.#plugin(state, plugin, 'PostFilter', run, statusOfPostFilter)
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
    this.step('PreScore', () => this.#preScore(state, pod, nodes))
    return this.step('Score', () => this.#score(state, pod, nodes))
  }

  #preScore(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[]): void {
    for (const { plugin, asked } of this.#preScorers) {
      const run = () => plugin.preScore!(state, pod, nodes)
      const answer = this.#plugin(state, plugin, 'PreScore', run, (said) => (said === skip ? 'Skip' : 'Success'))
      if (answer === skip) state.skipScore.add(plugin.name)
      else asked?.inc()
    }
  }

  #score(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[]): Float64Array {
    const totals = new Float64Array(nodes.length)
    const scores = new Float64Array(nodes.length)
    for (const { plugin, asked } of this.#scorers) {
      if (state.skipScore.has(plugin.name)) continue
      asked?.inc(nodes.length)
      for (let index = 0; index < nodes.length; index++) {
        const node = nodes[index]!
        scores[index] = state.sampled
          ? this.#plugin(state, plugin, 'Score', () => plugin.score!(state, pod, node))
          : plugin.score!(state, pod, node)
      }
      if (plugin.normalize) {
        const normalize = () => plugin.normalize!(state, pod, nodes, scores)
        this.#plugin(state, plugin, 'ScoreExtensionNormalize', normalize)
      }
      const weight = plugin.weight ?? 1
      for (let index = 0; index < nodes.length; index++) totals[index]! += scores[index]! * weight
    }
    return totals
  }

  reserve(state: CycleState, pod: PodInfo, node: string): Rejection | undefined {
    return this.step('Reserve', () => this.#reserve(state, pod, node), statusOf)
  }

  #reserve(state: CycleState, pod: PodInfo, node: string): Rejection | undefined {
    for (const plugin of this.plugins) {
      if (!plugin.reserve) continue
      const run = () => plugin.reserve!(state, pod, node)
      const rejection = this.#plugin(state, plugin, 'Reserve', run, statusOf)
      if (!rejection) continue
      this.unreserve(state, pod, node)
      return rejection
    }
    return undefined
  }

  unreserve(state: CycleState, pod: PodInfo, node: string): void {
    this.step('Unreserve', () => {
      for (const plugin of this.plugins.toReversed()) {
        if (plugin.unreserve) this.#plugin(state, plugin, 'Unreserve', () => plugin.unreserve!(state, pod, node))
      }
    })
  }

  preBind(state: CycleState, pod: PodInfo, node: string): Promise<void> {
    return this.step('PreBind', async () => {
      for (const plugin of this.plugins) {
        if (plugin.preBind) await this.#plugin(state, plugin, 'PreBind', () => plugin.preBind!(state, pod, node))
      }
    })
  }

  bind(state: CycleState, pod: PodInfo, node: string): Promise<void> {
    return this.step('Bind', async () => {
      for (const plugin of this.plugins) {
        if (plugin.bind) await this.#plugin(state, plugin, 'Bind', () => plugin.bind!(pod, node))
      }
    })
  }
}

function statusOfPostFilter(result: PostFilterResult | undefined): StepStatus {
  if (result?.isError) return 'Error'
  return result?.nominatedNode ? 'Success' : 'Unschedulable'
}

/** Which nodes can do at all: all (undefined), or these, as some plugins said; or a rejection for all of them. */
interface Preselection {
  readonly names?: ReadonlySet<string>
  readonly byPlugins: readonly string[]
  readonly rejection?: Rejection
}

const success = (): StepStatus => 'Success'

/** Runs, also what comes later, and tells once what came of it. */
function timed<Answer>(
  run: () => Answer,
  status: (answer: Answer) => StepStatus,
  began: number,
  tell: (status: StepStatus, began: number) => void,
): Answer {
  let answer: Answer
  try {
    answer = run()
  } catch (error) {
    tell('Error', began)
    throw error
  }
  if (!(answer instanceof Promise)) {
    tell(status(answer), began)
    return answer
  }
  return answer.then(
    (later: Awaited<Answer>) => {
      tell(status(later as Answer), began)
      return later
    },
    (error: unknown) => {
      tell('Error', began)
      throw error
    },
  ) as Answer
}
