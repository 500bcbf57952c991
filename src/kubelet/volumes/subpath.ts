import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, realpath, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import type { MountTable } from './mount-table.ts'

/**
 * Parts of volumes, shown so that nobody can lead the mount astray by swapping a folder for a link meanwhile: each step
 * of the path is opened without following links, and what was opened is bound (upstream: pkg/volume/util/subpath;
 * CVE-2017-1002101, CVE-2021-25741).
 */
const O_PATH = 0o10000000
const stepFlags = O_PATH | constants.O_NOFOLLOW

const fdPath = (handle: FileHandle) => `/proc/self/fd/${handle.fd}`

/** Opens `path` below `base`, neither of which may contain links; throws when a step is one. */
async function openWithin(base: string, path: string): Promise<FileHandle> {
  let current = await open(base, stepFlags | constants.O_DIRECTORY)
  for (const step of path.split(sep).filter((part) => part !== '' && part !== '.')) {
    const parent = current
    try {
      current = await open(join(fdPath(parent), step), stepFlags)
    } finally {
      await parent.close()
    }
    if ((await current.stat()).isSymbolicLink()) {
      await current.close()
      throw new Error(`unexpected symlink found ${step}`)
    }
  }
  return current
}

/** The path of a part of a volume with all links resolved, relative to the volume. Throws when it leads out of it. */
async function resolveWithin(volume: string, path: string): Promise<{ base: string; inside: string }> {
  const base = await realpath(volume)
  const inside = relative(base, await realpath(join(base, path)))
  if (inside === '..' || inside.startsWith(`..${sep}`))
    throw new Error(`subpath ${path} not within volume path ${volume}`)
  return { base, inside }
}

/** Makes the folders of a part that is not there yet, with the volume's own mode. */
export async function makeSubpath(volume: string, path: string, mode: number): Promise<void> {
  const steps = path.split(sep).filter((part) => part !== '' && part !== '.')
  let existing = steps.length
  // The longest part that is there may contain links, as long as they stay inside.
  for (; existing > 0; existing--) {
    const there = await realpath(join(volume, ...steps.slice(0, existing))).catch(() => undefined)
    if (there !== undefined) break
  }
  const { base, inside } = await resolveWithin(volume, steps.slice(0, existing).join(sep))
  let current = await openWithin(base, inside)
  try {
    for (const step of steps.slice(existing)) {
      await mkdir(join(fdPath(current), step), { mode }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error
      })
      const next = await open(join(fdPath(current), step), stepFlags | constants.O_DIRECTORY)
      await current.close()
      current = next
      // The mode holds whatever umask this process has; a descriptor of a path cannot be changed itself.
      const folder = await open(`${fdPath(current)}/.`, constants.O_RDONLY | constants.O_DIRECTORY)
      await folder.chmod(mode)
      await folder.close()
    }
  } finally {
    await current.close()
  }
}

/** Shows a part of a volume at `target`, a file or folder to be made. */
export async function bindSubpath(mounts: MountTable, volume: string, path: string, target: string): Promise<void> {
  const { base, inside } = await resolveWithin(volume, path)
  const handle = await openWithin(base, inside)
  try {
    const isFolder = (await handle.stat()).isDirectory()
    if (await mounts.isMountPoint(target)) await mounts.unmount(target)
    await mkdir(isFolder ? target : dirname(target), { recursive: true, mode: 0o750 })
    if (!isFolder) await writeFile(target, '', { flag: 'a', mode: 0o640 })
    await mounts.bind(`/proc/${process.pid}/fd/${handle.fd}`, target)
  } finally {
    await handle.close()
  }
}
