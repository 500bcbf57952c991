import { defineCommand } from '../command/command.ts'
import { durationFlag, listFlag, stringFlag } from '../command/flags.ts'
import { aloneFlags, leaderFlag, runAlone, servingFlags } from '../run-alone.ts'

export const controllersCommand = defineCommand({
  name: 'controllers',
  summary: 'Run the controllers by themselves, on any API server of Kubernetes.',
  description:
    'Run the controllers by themselves, in the foreground. Each acts as its own service account; --kubeconfig is system:kube-controller-manager’s.',
  examples: ['skiff controllers --kubeconfig controller-manager.conf --pki /etc/kubernetes/pki'],
  flags: {
    ...aloneFlags,
    pki: stringFlag('The cluster’s keys (ca.crt, ca.key, sa.key), to sign certificates and tokens of Secrets.', {
      placeholder: 'DIR',
    }),
    'cluster-cidr': listFlag('Networks of which nodes get theirs for pods.', { placeholder: 'CIDR' }),
    'service-cluster-ip-range': listFlag('Networks of services, which no node gets.', { placeholder: 'CIDR' }),
    'cluster-signing-duration': durationFlag(
      'For how long at most the certificates hold that are signed (default 8760h).',
    ),
    'leader-elect': leaderFlag,
    ...servingFlags(10257),
  },
  async run(flags, _args, invocation) {
    const { controllersAlone } = await import('../../cluster/alone/controllers.ts')
    const cidrs = (list: readonly string[]) => (list.length > 0 ? list : undefined)
    const lease = flags['leader-elect'] ? { name: 'kube-controller-manager' } : undefined
    return runAlone(flags, invocation, lease, (clients, parts) =>
      controllersAlone({
        clients,
        leads: flags['leader-elect'],
        pkiFolder: flags.pki || undefined,
        certificateDurationMs: flags['cluster-signing-duration'] * 1000 || undefined,
        podCidrs: cidrs(flags['cluster-cidr']),
        serviceCidrs: cidrs(flags['service-cluster-ip-range']),
        ...parts,
      }),
    )
  },
})
