import { CommandError, defineCommand } from '../command/command.ts'
import { stringFlag } from '../command/flags.ts'
import { dataDirFlag } from './shared-flags.ts'

export const statusCommand = defineCommand({
  name: 'status',
  summary: 'Say whether the cluster runs, and how its parts are. Exits 0 only when all is ready.',
  flags: {
    'data-dir': dataDirFlag,
    output: stringFlag('How to print it.', { short: 'o', values: ['text', 'json'], default: 'text' }),
  },
  async run(flags, _args, { stdout, env }) {
    const { clusterPaths, dataFolder } = await import('../../cluster/state/paths.ts')
    const { clusterStatus } = await import('../../cluster/status.ts')
    const paths = clusterPaths(dataFolder(flags['data-dir'], env))
    const status = await clusterStatus(paths)
    if (status === undefined) throw new CommandError(`no cluster runs in ${paths.root}: start one with skiff up`)
    if (flags.output === 'json') stdout(`${JSON.stringify(status, null, 2)}\n`)
    else {
      stdout(`cluster   ${status.ready ? 'ready' : 'not ready'}, process ${status.pid}, since ${status.startedAt}\n`)
      stdout(`server    ${status.server}\n`)
      stdout(`store     ${status.store}\n`)
      for (const node of status.nodes)
        stdout(`${node.name.padEnd(9)} ${node.ready ? 'Ready' : 'NotReady'}, ${node.pods} pods\n`)
      for (const problem of status.problems) stdout(`problem   ${problem}\n`)
    }
    return status.ready ? 0 : 1
  },
})
