import type { Clock } from '../machinery/clock.ts'
import { choosePlugins } from './configuration/plugin-choice.ts'
import type { SchedulerConfiguration } from './configuration/types.ts'
import { makeExtenders, withIgnoredResources } from './extenders/extenders.ts'
import { makePlugins, type PluginContext } from './plugins/registry.ts'

const usualHttpTimeout = '5s'

/**
 * The configuration as a scheduler that is made of it has it: arguments of the plugins that are there, by name. Throws an
 * Error for what only shows when plugins and extenders are made (frameworkruntime CaptureProfile).
 */
export function completedProfiles(given: SchedulerConfiguration, clock: Clock): SchedulerConfiguration {
  makeExtenders(given.extenders ?? [], () => undefined, clock)
  const configuration = withIgnoredResources(given)
  const profiles = configuration.profiles.map((profile) => {
    try {
      // Plugins are made without looking at what they are given.
      const made = makePlugins(profile, {} as PluginContext)
      choosePlugins(made, profile)
      const pluginConfig = profile.pluginConfig
        .filter(({ name, args }) => made.has(name) && args !== undefined)
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      return { ...profile, pluginConfig }
    } catch (error) {
      const why = (error as Error).message
      throw new Error(`initializing profiles: creating profile for scheduler name ${profile.schedulerName}: ${why}`, {
        cause: error,
      })
    }
  })
  const extenders = configuration.extenders?.map((extender) =>
    extender.httpTimeout === '0s' ? { ...extender, httpTimeout: usualHttpTimeout } : extender,
  )
  return { ...configuration, profiles, ...(extenders && { extenders }) }
}
