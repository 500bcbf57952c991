import { type ExtensionPoint, extensionPoints } from './extension-points.ts'
import type { SchedulerPlugin } from './plugin.ts'

/** Who is called at each point, in order. */
export interface ChosenPlugins {
  readonly all: readonly SchedulerPlugin[]
  readonly at: { readonly [Point in ExtensionPoint]: readonly SchedulerPlugin[] }
  /** What the score of a plugin weighs; 1 unless it is there. */
  readonly weights: ReadonlyMap<string, number>
}

/** Whether the plugin has something to say there, here or with upstream. */
export function implementsPoint(plugin: SchedulerPlugin, point: ExtensionPoint): boolean {
  return point in plugin || plugin.alsoAt?.includes(point) === true
}

/** All of them wherever they have something to say, in their order. */
export function everywhere(plugins: readonly SchedulerPlugin[]): ChosenPlugins {
  const at = Object.fromEntries(
    extensionPoints.map((point) => [point, plugins.filter((plugin) => implementsPoint(plugin, point))]),
  ) as unknown as ChosenPlugins['at']
  return { all: plugins, at, weights: new Map() }
}
