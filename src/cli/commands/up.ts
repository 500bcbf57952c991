import { CommandError, defineCommand } from '../command/command.ts'
import { booleanFlag, listFlag, numberFlag, stringFlag, UsageError } from '../command/flags.ts'
import { keptServerFlags } from '../up/server-flags.ts'
import { dataDirFlag, kubeconfigFlag } from './shared-flags.ts'

export const upCommand = defineCommand({
  name: 'up',
  summary: 'Start a cluster, and wait until its nodes are ready and its DNS answers.',
  description:
    'Start a cluster, and wait until its nodes are ready and its DNS answers. In the foreground Ctrl-C ends it; with --detach it goes on in the background. On the same data folder it is the same cluster again: all objects are there, and containers that still run are adopted.',
  examples: ['skiff up', 'skiff up --detach --nodes 2', 'skiff up --runtime simulated --nodes 100'],
  flags: {
    nodes: numberFlag('How many nodes; each is a machine of its own (default: as before, or 1).', {
      default: 0,
      min: 1,
    }),
    runtime: stringFlag(
      'What runs the pods: real containers, or a simulation in memory (default: containerd where it can be).',
      { values: ['containerd', 'simulated'] },
    ),
    store: stringFlag('Where the objects are kept (default: as before, or sqlite).', {
      placeholder: 'sqlite|memory|etcd=URL',
      values: ['sqlite', 'memory', 'etcd='],
    }),
    port: numberFlag("The API server's port (default: as before, or 6443).", { default: 0, min: 1 }),
    containerd: stringFlag('The containerd to use (default: that on PATH).', { placeholder: 'FILE' }),
    mirror: listFlag('Pull images of a registry from elsewhere; {host} in the URL is this host.', {
      placeholder: 'REGISTRY=URL',
    }),
    detach: booleanFlag('Leave it running in the background.', { short: 'd' }),
    'data-dir': dataDirFlag,
    kubeconfig: kubeconfigFlag,
    verbose: booleanFlag('Log everything, for a report of a problem.', { short: 'v' }),
    ...keptServerFlags,
  },
  async run(flags, _args, invocation, given) {
    const { runUp } = await import('../up/run-up.ts')
    const { mirrors, storeSettings } = await import('../up/read-flags.ts')
    const { givenServerOptions } = await import('../up/server-flags.ts')
    try {
      return await runUp(
        {
          dataDir: flags['data-dir'],
          kubeconfig: flags.kubeconfig,
          detach: flags.detach,
          verbose: flags.verbose,
          containerd: flags.containerd,
          mirrors: mirrors(flags.mirror),
          wish: {
            nodes: flags.nodes || undefined,
            runtime: (flags.runtime as 'containerd' | 'simulated' | '') || undefined,
            port: flags.port || undefined,
            apiServer: givenServerOptions(flags, given),
            store: flags.store === '' ? undefined : storeSettings(flags.store),
          },
        },
        invocation,
      )
    } catch (error) {
      if (error instanceof CommandError || error instanceof UsageError) throw error
      throw new CommandError((error as Error).message, { cause: error })
    }
  },
})
