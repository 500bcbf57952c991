import { readFileSync } from 'node:fs'
import { CommandError, defineCommand } from '../command/command.ts'
import { dataDirFlag } from './shared-flags.ts'

export const kubeconfigCommand = defineCommand({
  name: 'kubeconfig',
  summary: "Print the cluster's kubeconfig.",
  examples: ['skiff kubeconfig > cluster.conf', 'kubectl --kubeconfig <(skiff kubeconfig) get nodes'],
  flags: { 'data-dir': dataDirFlag },
  async run(flags, _args, { stdout, env }) {
    const { clusterPaths, dataFolder } = await import('../../cluster/state/paths.ts')
    const { kubeconfig, root } = clusterPaths(dataFolder(flags['data-dir'], env))
    try {
      stdout(readFileSync(kubeconfig, 'utf8'))
      return 0
    } catch (error) {
      throw new CommandError(`there is no cluster in ${root}: start one with skiff up`, { cause: error })
    }
  },
})
