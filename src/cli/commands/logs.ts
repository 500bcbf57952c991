import { existsSync, readdirSync } from 'node:fs'
import { CommandError, defineCommand } from '../command/command.ts'
import { booleanFlag, numberFlag } from '../command/flags.ts'
import { dataDirFlag } from './shared-flags.ts'

export const logsCommand = defineCommand({
  name: 'logs',
  args: '[COMPONENT]',
  summary: 'Print what a component of the cluster logged; without a name, which there are.',
  examples: ['skiff logs', 'skiff logs cluster -f', 'skiff logs scheduler --tail 20', 'skiff logs node1/kubelet'],
  async completeArgs(env) {
    const { clusterPaths, dataFolder } = await import('../../cluster/state/paths.ts')
    const { logFiles } = await import('../../cluster/state/log-files.ts')
    return [...logFiles(clusterPaths(dataFolder('', env)), readdirSync, existsSync).keys()]
  },
  flags: {
    follow: booleanFlag('Go on as more is logged.', { short: 'f' }),
    tail: numberFlag('Only the last lines; 0: all.', { default: 0 }),
    'data-dir': dataDirFlag,
  },
  argCount: [0, 1],
  async run(flags, [component], { stdout, env, signal }) {
    const { clusterPaths, dataFolder } = await import('../../cluster/state/paths.ts')
    const { logFiles } = await import('../../cluster/state/log-files.ts')
    const { followFile } = await import('../follow-file.ts')
    const paths = clusterPaths(dataFolder(flags['data-dir'], env))
    const files = logFiles(paths, readdirSync, existsSync)
    if (component === undefined) {
      if (files.size === 0)
        throw new CommandError(`nothing has been logged in ${paths.root}: start a cluster with skiff up`)
      stdout([...files.keys()].map((name) => `${name}\n`).join(''))
      return 0
    }
    const source = files.get(component)
    if (source === undefined)
      throw new CommandError(
        `there is no component "${component}": choose one of ${[...files.keys()].join(', ') || 'none yet'}`,
      )
    const { path, includes } = source
    await followFile(path, { follow: flags.follow, tail: flags.tail, includes, write: stdout, signal })
    return 0
  },
})
