import { constants } from 'node:fs'
import { type FileHandle, open, readlink, realpath } from 'node:fs/promises'
import { dirname, relative, join } from 'node:path'

/**
 * Opens the log of a container, and nothing else: a pod that has the folder of logs as a volume must not have the kubelet
 * read another file for it, nor wait at a pipe (security.md: path escape on a node). Throws an Error when the path leads
 * elsewhere. The folder of all pods' logs itself, three above the file, may be behind a link.
 */
export async function openLog(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    if (!(await file.stat()).isFile()) throw new Error(`${path} is no regular file`)
    const folder = dirname(dirname(dirname(path)))
    const expected = join(await realpath(folder), relative(folder, path))
    // What was opened tells where it lies, whatever the path leads to by now.
    const opened = await readlink(`/proc/self/fd/${file.fd}`).catch(() => expected)
    if (opened !== expected && opened !== `${expected} (deleted)`) throw new Error(`${path} leads to ${opened}`)
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}
