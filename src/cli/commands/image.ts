import { CommandError, defineCommand } from '../command/command.ts'
import { stringFlag } from '../command/flags.ts'
import { dataDirFlag } from './shared-flags.ts'

const load = defineCommand({
  name: 'load',
  args: 'FILE ...',
  summary: 'Put the images of archives (docker save, OCI layout) into every node.',
  examples: ['docker save my/app:1 -o app.tar && skiff image load app.tar'],
  flags: { 'data-dir': dataDirFlag },
  argCount: [1, Number.POSITIVE_INFINITY],
  async run(flags, files, invocation) {
    const { existsSync } = await import('node:fs')
    const { loadImages } = await import('../../cluster/images.ts')
    const { clusterPaths, dataFolder } = await import('../../cluster/state/paths.ts')
    const { showProgress } = await import('../show-progress.ts')
    for (const file of files) if (!existsSync(file)) throw new CommandError(`${file} is not there`)
    const paths = clusterPaths(dataFolder(flags['data-dir'], invocation.env))
    await loadImages(
      paths,
      files,
      showProgress({ write: invocation.stdout, interactive: invocation.interactive }),
    ).catch((error: unknown) => {
      throw new CommandError(error instanceof Error ? error.message : String(error), { cause: error })
    })
    return 0
  },
})

const build = defineCommand({
  name: 'build',
  args: 'FOLDER',
  summary:
    'Make an image of a folder and put it into every node: its files are the root, its image.json the configuration.',
  description:
    'Make an image of a folder and put it into every node. The folder holds `rootfs/`, the files of the image, and may hold `image.json` with the configuration of an OCI image ({"Entrypoint": ["/app"], "Env": [], "User": "1000"}). For Dockerfiles use docker or buildah and `skiff image load`.',
  examples: ['skiff image build --tag my/app:1 ./app'],
  flags: {
    tag: stringFlag('The name of the image, with its tag.', { short: 't', placeholder: 'NAME:TAG' }),
    'data-dir': dataDirFlag,
  },
  argCount: [1, 1],
  async run(flags, [folder = ''], invocation) {
    const { buildImage } = await import('../../cluster/images.ts')
    const { clusterPaths, dataFolder } = await import('../../cluster/state/paths.ts')
    const { showProgress } = await import('../show-progress.ts')
    if (flags.tag === '') throw new CommandError('an image needs a name: --tag NAME:TAG', { exitCode: 2 })
    const paths = clusterPaths(dataFolder(flags['data-dir'], invocation.env))
    await buildImage(
      paths,
      folder,
      flags.tag,
      showProgress({ write: invocation.stdout, interactive: invocation.interactive }),
    ).catch((error: unknown) => {
      throw new CommandError(error instanceof Error ? error.message : String(error), { cause: error })
    })
    return 0
  },
})

export const imageCommand = defineCommand({
  name: 'image',
  summary: 'Put images into the nodes.',
  flags: {},
  subcommands: [load, build],
})
