import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

const inPackage = (folder: string): boolean => existsSync(join(folder, 'package.json'))

/** The folder of package.json. */
export const packageFolder: string = (() => {
  let folder = import.meta.dirname
  while (!inPackage(folder) && folder !== dirname(folder)) folder = dirname(folder)
  return folder
})()

/** The folder of the build that runs (`npm run build`, `dist/HASH`); undefined: the sources run as they are. */
export const buildFolder: string | undefined = import.meta.filename.endsWith('.ts')
  ? undefined
  : join(packageFolder, 'dist', import.meta.dirname.slice(join(packageFolder, 'dist/').length).split('/')[0]!)

/** The file that runs in place of a source: `cli/main.ts` below `src`. In a build it must be among its entries. */
export function programFile(source: string): string {
  return buildFolder === undefined
    ? join(packageFolder, 'src', source)
    : join(buildFolder, source.replace(/\.ts$/, '.js'))
}
