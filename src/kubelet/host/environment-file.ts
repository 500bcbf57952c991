import { readFile, realpath } from 'node:fs/promises'
import { join, relative } from 'node:path'

/**
 * The value of a key in a file of a volume, in the dotenv form of KEP-3721: `NAME='value'` on a line each; `#` begins a
 * comment. Undefined when it has none. Throws when the file leads out of the volume.
 */
export async function fileValue(volume: string, path: string, key: string): Promise<string | undefined> {
  const file = await realpath(join(volume, path))
  if (relative(await realpath(volume), file).startsWith('..')) throw new Error("couldn't parse env file")
  for (const line of (await readFile(file, 'utf8')).split('\n')) {
    const match = /^\s*([A-Za-z_][A-Za-z0-9_.-]*)\s*=\s*(.*?)\s*$/.exec(line)
    if (match === null || match[1] !== key) continue
    const value = match[2]!
    const quoted = /^'(.*)'$/.exec(value) ?? /^"(.*)"$/.exec(value)
    return quoted === null ? value : quoted[1]
  }
  return undefined
}
