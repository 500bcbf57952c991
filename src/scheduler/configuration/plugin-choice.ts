import type { SchedulerPlugin } from '../framework/plugin.ts'

/** Which plugins take part at one extension point, as KubeSchedulerConfiguration says it (`*`: all). */
export interface PluginSet {
  readonly enabled?: readonly { readonly name: string; readonly weight?: number }[] | null
  readonly disabled?: readonly { readonly name: string }[] | null
}

/** Points at which plugins are chosen one by one; `multiPoint`: at all of them. */
export const extensionPoints = [
  'preEnqueue',
  'preFilter',
  'filter',
  'postFilter',
  'preScore',
  'score',
  'reserve',
  'preBind',
  'bind',
] as const
export type ExtensionPoint = (typeof extensionPoints)[number]
export type PluginChoice = { readonly [Point in ExtensionPoint | 'multiPoint']?: PluginSet }

/**
 * The plugins as a profile wants them: without what it disabled, with its weights (apis/config/v1/default_plugins.go
 * mergePlugins, framework/runtime/framework.go expandMultiPointPlugins). They keep the default order.
 */
export function choosePlugins(plugins: readonly SchedulerPlugin[], choice: PluginChoice = {}): SchedulerPlugin[] {
  const named = (set: PluginSet | undefined, name: string) => set?.enabled?.find((one) => one.name === name)
  const isOff = (set: PluginSet | undefined, name: string) =>
    set?.disabled?.some((one) => one.name === name || one.name === '*') === true
  return plugins.map((plugin) => {
    const { multiPoint } = choice
    const everywhere = named(multiPoint, plugin.name) !== undefined || !isOff(multiPoint, plugin.name)
    const changed: { -readonly [Member in keyof SchedulerPlugin]: SchedulerPlugin[Member] } = { ...plugin }
    for (const point of extensionPoints) {
      const set = choice[point]
      const takesPart = named(set, plugin.name) !== undefined || (everywhere && !isOff(set, plugin.name))
      if (!takesPart) delete changed[point]
    }
    if (changed.score === undefined) delete changed.normalize
    const weight = named(choice.score, plugin.name)?.weight || named(multiPoint, plugin.name)?.weight
    return weight ? { ...changed, weight } : changed
  })
}
