import { CommandError, defineCommand } from '../command/command.ts'
import { dataDirFlag } from './shared-flags.ts'

export const downCommand = defineCommand({
  name: 'down',
  summary: 'End the cluster and remove all that it made on this machine. Its data stays.',
  flags: { 'data-dir': dataDirFlag },
  async run(flags, _args, invocation) {
    const { clusterPaths, dataFolder } = await import('../../cluster/state/paths.ts')
    const { endCluster } = await import('../end-cluster.ts')
    const paths = clusterPaths(dataFolder(flags['data-dir'], invocation.env))
    const ended = await endCluster(paths, invocation, { data: false })
    if (!ended) throw new CommandError(`there is no cluster in ${paths.root}`)
    invocation.stdout('The cluster is down. Its data stays: skiff up brings it back, skiff reset forgets it.\n')
    return 0
  },
})
