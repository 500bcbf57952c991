import type { SchedulerPlugin } from '../framework/plugin.ts'
import type { ChosenPlugins } from '../framework/chosen-plugins.ts'
import { implementsPoint } from '../framework/chosen-plugins.ts'
import { type ExtensionPoint, extensionPoints } from '../framework/extension-points.ts'
import type { PluginSet, SchedulerProfile } from './types.ts'

/** Go's names of the points, which errors have, in upstream's order of looking at them. */
const goNames: Readonly<Record<ExtensionPoint, string>> = {
  preFilter: 'PreFilterPlugin',
  filter: 'FilterPlugin',
  postFilter: 'PostFilterPlugin',
  reserve: 'ReservePlugin',
  preScore: 'PreScorePlugin',
  score: 'ScorePlugin',
  preBind: 'PreBindPlugin',
  bind: 'BindPlugin',
  postBind: 'PostBindPlugin',
  permit: 'PermitPlugin',
  preEnqueue: 'PreEnqueuePlugin',
  queueSort: 'QueueSortPlugin',
  placementGenerate: 'PlacementGeneratePlugin',
  placementScore: 'PlacementScorePlugin',
  podGroupPostFilter: 'PodGroupPostFilterPlugin',
}

/** The names of the plugins that a profile needs somewhere (framework/runtime pluginsNeeded). */
export function neededPlugins({ plugins }: SchedulerProfile): ReadonlySet<string> {
  return new Set(Object.values(plugins).flatMap(({ enabled = [] }: PluginSet) => enabled.map(({ name }) => name)))
}

/**
 * Which plugins a profile calls at each point, in which order, and what their scores weigh (framework/runtime/framework.go
 * NewFramework, expandMultiPointPlugins). `made`: those that it needs. Throws an Error with upstream's sentence.
 */
export function choosePlugins(
  made: ReadonlyMap<string, SchedulerPlugin>,
  { schedulerName, plugins }: SchedulerProfile,
): ChosenPlugins {
  for (const point of extensionPoints) checkSet(point, plugins[point], made)
  const at = Object.fromEntries(
    extensionPoints.map((point) => [point, pluginsAt(point, plugins[point], plugins.multiPoint, made)]),
  ) as { readonly [Point in ExtensionPoint]: readonly SchedulerPlugin[] }
  if (at.queueSort.length !== 1)
    throw new Error(
      `only one queue sort plugin required for profile with scheduler name "${schedulerName}", but got ${at.queueSort.length}`,
    )
  if (at.bind.length === 0)
    throw new Error(`at least one bind plugin is needed for profile with scheduler name "${schedulerName}"`)
  const weights = new Map<string, number>()
  // What is said at the point itself goes first, even when it says no weight.
  for (const { name, weight } of [...(plugins.score.enabled ?? []), ...(plugins.multiPoint.enabled ?? [])])
    if (!weights.has(name)) weights.set(name, weight || 1)
  return { all: [...made.values()], at, weights }
}

function checkSet(
  point: ExtensionPoint,
  { enabled = [] }: PluginSet,
  made: ReadonlyMap<string, SchedulerPlugin>,
): void {
  const goName = goNames[point]
  const seen = new Set<string>()
  for (const { name } of enabled) {
    const plugin = made.get(name)
    if (plugin === undefined) throw new Error(`${goName} "${name}" does not exist`)
    if (!implementsPoint(plugin, point)) throw new Error(`plugin "${name}" does not extend ${goName} plugin`)
    if (seen.has(name)) throw new Error(`plugin "${name}" already registered as "${goName}"`)
    seen.add(name)
  }
}

/**
 * First those that the point itself names though they are everywhere, in its order; then those that are everywhere; then
 * those that are here only.
 */
function pluginsAt(
  point: ExtensionPoint,
  { enabled = [], disabled = [] }: PluginSet,
  multiPoint: PluginSet,
  made: ReadonlyMap<string, SchedulerPlugin>,
): readonly SchedulerPlugin[] {
  const here = enabled.map(({ name }) => name)
  const of = (names: readonly string[]) => names.map((name) => made.get(name)!)
  const off = new Set(disabled.map(({ name }) => name))
  if (off.has('*')) return of(here)
  const overridden = new Set<string>()
  const everywhere: string[] = []
  for (const { name } of multiPoint.enabled ?? []) {
    const plugin = made.get(name)
    if (plugin === undefined) throw new Error(`${goNames[point]} "${name}" does not exist`)
    if (!implementsPoint(plugin, point) || off.has(name)) continue
    if (here.includes(name)) overridden.add(name)
    else if (everywhere.includes(name)) throw new Error(`plugin "${name}" already registered as "${goNames[point]}"`)
    else everywhere.push(name)
  }
  const [first, last] = [here.filter((name) => overridden.has(name)), here.filter((name) => !overridden.has(name))]
  return of([...first, ...everywhere, ...last])
}
