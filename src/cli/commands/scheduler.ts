import { readFileSync } from 'node:fs'
import { CommandError, defineCommand } from '../command/command.ts'
import { stringFlag } from '../command/flags.ts'
import { aloneFlags, leaderFlag, runAlone } from '../run-alone.ts'

export const schedulerCommand = defineCommand({
  name: 'scheduler',
  summary: 'Run the scheduler by itself, on any API server of Kubernetes.',
  description: 'Run the scheduler by itself, in the foreground. --kubeconfig is system:kube-scheduler’s.',
  examples: ['skiff scheduler --kubeconfig scheduler.conf'],
  flags: {
    ...aloneFlags,
    'leader-elect': leaderFlag,
    config: stringFlag('A KubeSchedulerConfiguration: its profiles, which plugins they use, backoff.', {
      placeholder: 'FILE',
    }),
  },
  async run(flags, _args, invocation) {
    const { schedulerAlone } = await import('../../cluster/alone/scheduler.ts')
    const lease = flags['leader-elect'] ? 'kube-scheduler' : undefined
    const configuration = flags.config === '' ? undefined : await readConfiguration(flags.config)
    return runAlone(flags, invocation, lease, (clients, parts) => schedulerAlone({ clients, configuration, ...parts }))
  },
})

async function readConfiguration(file: string) {
  const { parseYaml } = await import('../../machinery/codec/yaml/parse-yaml.ts')
  const { schedulerConfiguration } = await import('../../scheduler/configuration/configuration.ts')
  const { pluginNames } = await import('../../scheduler/plugins/registry.ts')
  try {
    return schedulerConfiguration(parseYaml(readFileSync(file, 'utf8')).value, pluginNames)
  } catch (error) {
    throw new CommandError(`${file}: ${(error as Error).message}`, { cause: error })
  }
}
