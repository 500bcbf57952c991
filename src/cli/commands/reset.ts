import { CommandError, defineCommand } from '../command/command.ts'
import { dataDirFlag } from './shared-flags.ts'

export const resetCommand = defineCommand({
  name: 'reset',
  summary: 'End the cluster as down does, and delete its data too.',
  flags: { 'data-dir': dataDirFlag },
  async run(flags, _args, invocation) {
    const { clusterPaths, dataFolder } = await import('../../cluster/state/paths.ts')
    const { endCluster } = await import('../end-cluster.ts')
    const paths = clusterPaths(dataFolder(flags['data-dir'], invocation.env))
    const ended = await endCluster(paths, invocation, { data: true })
    if (!ended) throw new CommandError(`there is no cluster in ${paths.root}`)
    invocation.stdout('The cluster and its data are gone.\n')
    return 0
  },
})
