import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Bytes that a folder takes on disk, links not followed; files of several names count once. 0 when it is not there. */
export async function diskUsage(folder: string): Promise<number> {
  const counted = new Set<number>()
  const walk = async (path: string): Promise<number> => {
    const stats = await lstat(path).catch(() => undefined)
    if (stats === undefined || counted.has(stats.ino)) return 0
    if (stats.nlink > 1) counted.add(stats.ino)
    let bytes = stats.blocks * 512
    if (!stats.isDirectory()) return bytes
    for (const name of await readdir(path).catch(() => [])) bytes += await walk(join(path, name))
    return bytes
  }
  return walk(folder)
}
