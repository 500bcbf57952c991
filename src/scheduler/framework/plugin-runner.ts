import type { Counter } from '../../machinery/metrics.ts'
import type { NodeInfo } from '../cache/node-info.ts'
import type { PodInfo } from '../cache/pod-info.ts'
import type { Nominator } from '../queue/nominator.ts'
import type { ChosenPlugins } from './chosen-plugins.ts'
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
  readonly #at: ChosenPlugins['at']
  readonly #weights: ReadonlyMap<string, number>
  readonly #nominator: Nominator
  readonly #timing: PluginTiming | undefined
  readonly #preFilters: readonly CountedPlugin[]
  readonly #filters: readonly CountedPlugin[]
  readonly #preScorers: readonly CountedPlugin[]
  readonly #scorers: readonly CountedPlugin[]

  /** `timing`: where it is told how long steps take. */
  constructor({ at, weights }: ChosenPlugins, nominator: Nominator, timing?: PluginTiming) {
    this.#at = at
    this.#weights = weights
    this.#nominator = nominator
    this.#timing = timing
    const counted = (point: ExtensionPoint, step: 'preFilter' | 'filter' | 'preScore' | 'score') =>
      at[step]
        .filter((plugin) => plugin[step])
        .map((plugin) => ({ plugin, asked: timing?.evaluations(plugin.name, point) }))
    this.#preFilters = counted('PreFilter', 'preFilter')
    this.#filters = counted('Filter', 'filter')
    this.#preScorers = counted('PreScore', 'preScore')
    this.#scorers = counted('Score', 'score')
  }

  /** Whether there is anyone to tell nodes apart. */
  get scores(): boolean {
    return this.#at.score.length > 0
  }
  /** Whether there is anyone who could make room. */
  get postFilters(): boolean {
    return this.#at.postFilter.length > 0
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
    for (const plugin of this.#at.preFilter) {
      if (!plugin.addPod || state.skipFilter.has(plugin.name)) continue
      this.#plugin(state, plugin, 'PreFilterExtensionAddPod', () => plugin.addPod!(state, pod, added, node))
    }
  }
  removePod(state: CycleState, pod: PodInfo, removed: PodInfo, node: NodeInfo): void {
    for (const plugin of this.#at.preFilter) {
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

  /** Undefined: nobody has anything to say. A promise only where extenders are asked. */
  postFilter(state: CycleState, pod: PodInfo, diagnosis: Diagnosis): Later<PostFilterResult | undefined> {
    const run = () => this.#postFilterFrom(0, [], undefined, state, pod, diagnosis)
    return this.step('PostFilter', run, statusOfPostFilter)
  }

  #postFilterFrom(
    first: number,
    messages: readonly string[],
    nominatedNode: string | undefined,
    state: CycleState,
    pod: PodInfo,
    diagnosis: Diagnosis,
  ): Later<PostFilterResult | undefined> {
    const plugins = this.#at.postFilter
    for (let at = first; at < plugins.length; at++) {
      const plugin = plugins[at]!
      if (!plugin.postFilter) continue
      const next = (result: PostFilterResult) => {
        if (result.nominatedNode || result.isError) return result
        const said = result.message === '' ? messages : [...messages, result.message]
        return this.#postFilterFrom(at + 1, said, result.nominatedNode ?? nominatedNode, state, pod, diagnosis)
      }
      const run = () => plugin.postFilter!(state, pod, diagnosis)
      const answer = this.#plugin(state, plugin, 'PostFilter', run, statusOfPostFilter)
      return answer instanceof Promise ? answer.then(next) : next(answer)
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
      const weight = this.#weights.get(plugin.name) ?? 1
      for (let index = 0; index < nodes.length; index++) totals[index]! += scores[index]! * weight
    }
    return totals
  }

  reserve(state: CycleState, pod: PodInfo, node: string): Rejection | undefined {
    return this.step('Reserve', () => this.#reserve(state, pod, node), statusOf)
  }

  #reserve(state: CycleState, pod: PodInfo, node: string): Rejection | undefined {
    for (const plugin of this.#at.reserve) {
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
      for (const plugin of this.#at.reserve.toReversed()) {
        if (plugin.unreserve) this.#plugin(state, plugin, 'Unreserve', () => plugin.unreserve!(state, pod, node))
      }
    })
  }

  /** Whether something is to be done before the pod can be bound. */
  willPreBind(state: CycleState, pod: PodInfo, node: string): boolean {
    return this.#at.preBind.some((plugin) => plugin.willPreBind?.(state, pod, node))
  }

  preBind(state: CycleState, pod: PodInfo, node: string): Promise<void> {
    return this.step('PreBind', async () => {
      for (const plugin of this.#at.preBind) {
        if (plugin.preBind) await this.#plugin(state, plugin, 'PreBind', () => plugin.preBind!(state, pod, node))
      }
    })
  }

  bind(state: CycleState, pod: PodInfo, node: string): Promise<void> {
    return this.step('Bind', async () => {
      for (const plugin of this.#at.bind) {
        if (plugin.bind) return this.#plugin(state, plugin, 'Bind', () => plugin.bind!(pod, node))
      }
    })
  }
}

type Later<Answer> = Answer | Promise<Answer>

/** Asked of the answer itself, once it is there. */
function statusOfPostFilter(result: Later<PostFilterResult | undefined>): StepStatus {
  if (result instanceof Promise) return 'Success'
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
