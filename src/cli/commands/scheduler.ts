import { defineCommand } from '../command/command.ts'
import { stringFlag } from '../command/flags.ts'
import { aloneFlags, leaderFlag, runAlone, servingFlags } from '../run-alone.ts'

export const schedulerCommand = defineCommand({
  name: 'scheduler',
  summary: 'Run the scheduler by itself, on any API server of Kubernetes.',
  description: 'Run the scheduler by itself, in the foreground. --kubeconfig is system:kube-scheduler’s.',
  examples: ['skiff scheduler --kubeconfig scheduler.conf'],
  flags: {
    ...aloneFlags,
    'leader-elect': leaderFlag,
    ...servingFlags(10259),
    config: stringFlag('A KubeSchedulerConfiguration: its profiles, which plugins they use, backoff.', {
      placeholder: 'FILE',
    }),
  },
  async run(flags, _args, invocation) {
    const { readConfiguration, schedulerAlone } = await import('../../cluster/alone/scheduler.ts')
    const lease = flags['leader-elect'] ? 'kube-scheduler' : undefined
    return runAlone(flags, invocation, lease, (clients, parts) =>
      schedulerAlone({
        clients,
        configuration: readConfiguration(flags.config),
        leads: flags['leader-elect'],
        ...parts,
      }),
    )
  },
})
