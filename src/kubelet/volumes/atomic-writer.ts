import {
  chmod,
  lchown,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import type { Random } from '../../machinery/random.ts'

export interface FileProjection {
  readonly data: Uint8Array
  readonly mode: number
  readonly user?: number
}
/** By path below the volume. */
export type Payload = ReadonlyMap<string, FileProjection>

const dataLink = '..data'

/**
 * Writes files so that readers see all of the old ones or all of the new ones: a new folder, then one link swapped
 * (upstream: pkg/volume/util/atomic_writer.go). Nothing is written when nothing changed. `setOwners` runs before the
 * swap. `stamp`: a text that names the new folder.
 */
export async function writeAtomically(
  folder: string,
  payload: Payload,
  stamp: string,
  setOwners: () => Promise<void>,
): Promise<void> {
  const files = new Map([...payload].map(([path, file]) => [checkedPath(path), file]))
  const old = await readlink(join(folder, dataLink)).catch(() => undefined)
  const stale = old === undefined ? [] : await stalePaths(join(folder, old), files)
  if (old === undefined || stale.length > 0 || (await differs(join(folder, old), files))) {
    const fresh = `..${stamp}`
    await mkdir(join(folder, fresh))
    await chmod(join(folder, fresh), 0o755)
    for (const [path, file] of files) await write(join(folder, fresh, path), file)
    await setOwners()
    const temporary = join(folder, `${dataLink}_tmp`)
    await rm(temporary, { force: true })
    await symlink(fresh, temporary)
    await rename(temporary, join(folder, dataLink))
    await showFiles(folder, files)
    for (const path of stale.filter((one) => !one.includes('/'))) await unlink(join(folder, path)).catch(() => {})
    if (old !== undefined) await rm(join(folder, old), { recursive: true, force: true })
  } else await showFiles(folder, files)
}

/** `..2026_01_01_00_00_00.` and a suffix, as people know these folders. */
export function folderStamp(now: number, random: Random): string {
  const time = new Date(now).toISOString().slice(0, 19).replace(/[-T:]/g, '_')
  return `${time}.${Math.floor(random.float() * 2 ** 32)}`
}

function checkedPath(path: string): string {
  if (path === '') throw new Error(`invalid path: must not be empty: ""`)
  if (path.startsWith('/')) throw new Error(`invalid path: must be relative path: ${path}`)
  if (path.length > 4096) throw new Error('invalid path: must be less than or equal to 4096 characters')
  const items = path.split('/')
  if (items.includes('..')) throw new Error(`invalid path: must not contain '..': ${path}`)
  if (items.some((item) => item.length > 255)) {
    throw new Error('invalid path: filenames must be less than or equal to 255 characters')
  }
  if (path.startsWith('..')) throw new Error(`invalid path: must not start with '..': ${path}`)
  return normalize(path).replace(/\/$/, '')
}

async function write(path: string, { data, mode, user }: FileProjection): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, data)
  // The mode holds whatever umask this process has.
  await chmod(path, mode)
  if (user !== undefined) await lchown(path, user, -1)
}

async function differs(folder: string, files: Payload): Promise<boolean> {
  for (const [path, { data }] of files) {
    const there = await readFile(join(folder, path)).catch(() => undefined)
    if (there === undefined || Buffer.compare(there, data) !== 0) return true
  }
  return false
}

async function stalePaths(folder: string, files: Payload): Promise<string[]> {
  const wanted = new Set<string>()
  for (const path of files.keys()) for (let at = path; at !== '.'; at = dirname(at)) wanted.add(at)
  const there = await readdir(folder, { recursive: true }).catch(() => [])
  return there.filter((path) => !wanted.has(path))
}

async function showFiles(folder: string, files: Payload): Promise<void> {
  for (const [path, { user }] of files) {
    const name = path.split('/')[0]!
    const link = join(folder, name)
    const made = await symlink(join(dataLink, name), link).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return false
        throw error
      },
    )
    if (made && user !== undefined) await lchown(link, user, -1)
  }
}
