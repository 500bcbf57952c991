import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { defineCommand } from '../command/command.ts'
import { stringFlag } from '../command/flags.ts'

export const envtestCommand = defineCommand({
  name: 'envtest',
  args: '[FOLDER]',
  summary: 'Let the tests of controllers in Go (envtest) run on Skiff.',
  description:
    'Fills a folder with the programs that controller-runtime’s envtest starts, kube-apiserver and etcd, and prints the variable that shows envtest the way. The API server is Skiff’s, with its objects in memory; it needs no download, and no etcd.',
  examples: [
    'eval "$(skiff envtest)" && go test ./...',
    'KUBEBUILDER_ASSETS=$(skiff envtest --print path) go test ./...',
  ],
  flags: {
    print: stringFlag('What to print: the variable, as a shell reads it, or the folder alone.', {
      short: 'p',
      default: 'env',
      placeholder: 'env|path',
      values: ['env', 'path'],
    }),
  },
  argCount: [0, 1],
  async run(flags, [folder], { stdout, stderr, env }) {
    const { writeEnvtestAssets } = await import('../envtest/write-assets.ts')
    const cache = env.XDG_CACHE_HOME || join(env.HOME ?? homedir(), '.cache')
    const assets = resolve(folder ?? join(cache, 'skiff', 'envtest'))
    const { hasKubectl } = writeEnvtestAssets(assets, env.PATH ?? '')
    if (!hasKubectl) stderr(`skiff: no kubectl on PATH: tests that use envtest's KubectlCmd need one in ${assets}\n`)
    stdout(flags.print === 'path' ? `${assets}\n` : `export KUBEBUILDER_ASSETS='${assets.replaceAll("'", `'\\''`)}'\n`)
    return 0
  },
})
