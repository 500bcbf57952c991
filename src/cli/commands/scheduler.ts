import { formatGoDuration } from '../../machinery/go-duration.ts'
import { CommandError, defineCommand } from '../command/command.ts'
import { booleanFlag, durationFlag, numberFlag, stringFlag } from '../command/flags.ts'
import { aloneFlags, leaderFlag, runAlone, servingFlags } from '../run-alone.ts'

/** kube-scheduler's flags of leader election, by the fields of a configuration that they stand over. */
const electionFlags = {
  'leader-elect-lease-duration': 'leaseDuration',
  'leader-elect-renew-deadline': 'renewDeadline',
  'leader-elect-retry-period': 'retryPeriod',
  'leader-elect-resource-lock': 'resourceLock',
  'leader-elect-resource-name': 'resourceName',
  'leader-elect-resource-namespace': 'resourceNamespace',
} as const

export const schedulerCommand = defineCommand({
  name: 'scheduler',
  summary: 'Run the scheduler by itself, on any API server of Kubernetes.',
  description:
    'Run the scheduler by itself, in the foreground. --kubeconfig is system:kube-scheduler’s. Flags are called as kube-scheduler’s are.',
  examples: [
    'skiff scheduler --kubeconfig scheduler.conf',
    'skiff scheduler --kubeconfig scheduler.conf --config profiles.yaml --write-config-to complete.yaml',
  ],
  flags: {
    ...aloneFlags,
    'leader-elect': leaderFlag,
    'leader-elect-lease-duration': durationFlag('How long others wait after the last renewal (default 15s).'),
    'leader-elect-renew-deadline': durationFlag('How long the leader tries to renew (default 10s).'),
    'leader-elect-retry-period': durationFlag('How long to wait between tries (default 2s).'),
    'leader-elect-resource-lock': stringFlag('What is locked: leases.'),
    'leader-elect-resource-name': stringFlag('The name of the Lease (default kube-scheduler).'),
    'leader-elect-resource-namespace': stringFlag('The namespace of the Lease (default kube-system).'),
    ...servingFlags(10259),
    config: stringFlag('A KubeSchedulerConfiguration. Of the other flags those of leader election stand over it.', {
      placeholder: 'FILE',
    }),
    'write-config-to': stringFlag('Write the configuration with all its defaults there, and end.', {
      placeholder: 'FILE',
    }),
    'pod-max-in-unschedulable-pods-duration': durationFlag(
      'After how long pods are tried again though nothing has happened for them (default 5m).',
    ),
    profiling: booleanFlag('Without --config: enableProfiling.', { default: true, hidden: true }),
    'contention-profiling': booleanFlag('Without --config: enableContentionProfiling.', {
      default: true,
      hidden: true,
    }),
    'kube-api-content-type': stringFlag('Without --config: clientConnection.contentType.', { hidden: true }),
    'kube-api-qps': numberFlag('Without --config: clientConnection.qps.', { default: 50 }),
    'kube-api-burst': numberFlag('Without --config: clientConnection.burst.', { default: 100 }),
  },
  async run(flags, _args, invocation, given) {
    const { leadershipOf, readConfiguration, writeConfiguration } = await import(
      '../../cluster/alone/scheduler-configuration.ts'
    )
    const { systemClock } = await import('../../machinery/clock.ts')
    const duration = (value: number | string) => (typeof value === 'number' ? formatGoDuration(value * 1e9) : value)
    const when = <T>(name: keyof typeof flags, value: T) => (given.has(name) ? value : undefined)
    const election = Object.entries(electionFlags)
      .filter(([name]) => given.has(name))
      .map(([name, field]) => [field, duration(flags[name as keyof typeof electionFlags])])
    const connection = {
      kubeconfig: when('kubeconfig', flags.kubeconfig),
      contentType: when('kube-api-content-type', flags['kube-api-content-type']),
      qps: when('kube-api-qps', flags['kube-api-qps']),
      burst: when('kube-api-burst', flags['kube-api-burst']),
    }
    let configuration: ReturnType<typeof readConfiguration>
    try {
      configuration = readConfiguration(
        {
          file: flags.config,
          leaderElection: {
            ...Object.fromEntries(election),
            ...(given.has('leader-elect') && { leaderElect: flags['leader-elect'] }),
          },
          clientConnection: Object.fromEntries(Object.entries(connection).filter(([, value]) => value !== undefined)),
          enableProfiling: when('profiling', flags.profiling),
          enableContentionProfiling: when('contention-profiling', flags['contention-profiling']),
        },
        systemClock,
      )
      if (flags['write-config-to'] !== '') {
        writeConfiguration(configuration, flags['write-config-to'])
        return 0
      }
    } catch (error) {
      throw new CommandError((error as Error).message, { cause: error })
    }
    const { schedulerAlone } = await import('../../cluster/alone/scheduler.ts')
    // A file may say whose API server, and need not.
    const kubeconfig = configuration.clientConnection.kubeconfig || flags.kubeconfig
    return runAlone({ ...flags, kubeconfig }, invocation, leadershipOf(configuration), (clients, parts) =>
      schedulerAlone({
        clients,
        configuration,
        longestUnschedulableMs: flags['pod-max-in-unschedulable-pods-duration'] * 1000 || undefined,
        ...parts,
      }),
    )
  },
})
