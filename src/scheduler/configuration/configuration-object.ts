import { leaderElectionObject } from '../../client/leader-election-object.ts'
import { defaultPlugins, type PluginContext } from '../plugins/registry.ts'
import type { SchedulerConfiguration } from './configuration.ts'

/** The configuration as the API writes it, with the defaults (kubescheduler.config.k8s.io/v1). */
export function configurationObject(configuration: SchedulerConfiguration | undefined, leads: boolean): object {
  const { profiles = [{ schedulerName: 'default-scheduler' }], backoff = { initialMs: 1000, maxMs: 10_000 } } =
    configuration ?? {}
  // Plugins are made without looking at what they are given.
  const enabled = defaultPlugins({} as PluginContext).map(({ name, weight, score }) => ({
    name,
    weight: weight ?? (score === undefined ? 0 : 1),
  }))
  return {
    kind: 'KubeSchedulerConfiguration',
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    leaderElection: leaderElectionObject('kube-scheduler', leads),
    podInitialBackoffSeconds: backoff.initialMs / 1000,
    podMaxBackoffSeconds: backoff.maxMs / 1000,
    profiles: profiles.map(({ schedulerName, plugins, scoringStrategy }) => ({
      schedulerName,
      plugins: { ...plugins, multiPoint: plugins?.multiPoint ?? { enabled } },
      pluginConfig:
        scoringStrategy === undefined
          ? []
          : [
              {
                name: 'NodeResourcesFit',
                args: {
                  kind: 'NodeResourcesFitArgs',
                  apiVersion: 'kubescheduler.config.k8s.io/v1',
                  scoringStrategy,
                },
              },
            ],
    })),
  }
}
