import { join } from 'node:path'
import { entries } from './entries.ts'

export interface BuiltFile {
  /** Below the build's folder. */
  readonly path: string
  readonly contents: Uint8Array
}

/** What of esbuild is used: it is optional, so its own types may not be there. */
interface Esbuild {
  build(options: Readonly<Record<string, unknown>>): Promise<{
    readonly outputFiles: readonly { readonly path: string; readonly contents: Uint8Array }[]
  }>
}

async function esbuild(): Promise<Esbuild | undefined> {
  const name = 'esbuild'
  try {
    return (await import(name)) as Esbuild
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined
    throw error
  }
}

/**
 * Packages in CommonJS ask for Node.js' own modules by `require`, and for others to see whether they are there. What
 * `createRequire` makes would do too, and takes half a millisecond in each of a hundred files.
 */
const requireBuiltIn =
  "const require=(name)=>{const found=process.getBuiltinModule(name);if(found)return found;throw Object.assign(new Error(`Cannot find module '${name}'`),{code:'MODULE_NOT_FOUND'})};"

/**
 * The entries and all they may load, joined along what is loaded together. Names stay as they are and a line of code is a
 * line, so that a stack trace can be told by the maps. Undefined when esbuild is not installed.
 */
export async function bundle(root: string): Promise<readonly BuiltFile[] | undefined> {
  const builder = await esbuild()
  if (builder === undefined) return undefined
  const out = join(root, 'dist/build')
  const { outputFiles } = await builder.build({
    absWorkingDir: root,
    entryPoints: entries.map((entry) => join(root, 'src', entry)),
    outbase: join(root, 'src'),
    outdir: out,
    chunkNames: 'parts/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node26',
    // Not named in the files: they are read when a stack trace is told (src/cli/built).
    sourcemap: 'external',
    sourcesContent: false,
    legalComments: 'linked',
    banner: { js: requireBuiltIn },
    logLevel: 'warning',
    write: false,
  })
  return outputFiles.map(({ path, contents }) => ({ path: path.slice(out.length + 1), contents }))
}
