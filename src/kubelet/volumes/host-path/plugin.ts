import { mkdir, stat, writeFile } from 'node:fs/promises'
import type { Stats } from 'node:fs'
import type { VolumePlugin } from '../plugin.ts'

/** A file or folder of the node (upstream: pkg/volume/hostpath). */
export const hostPath: VolumePlugin = {
  name: 'kubernetes.io~host-path',
  supports: (volume) => volume.hostPath !== undefined,
  follows: false,
  async mount({ volume }) {
    const { path = '', type = '' } = volume.hostPath ?? {}
    await checkHostPath(path, type)
    return { path, readOnly: false }
  },
}

const kinds: Readonly<Record<string, readonly [what: string, is: (stats: Stats) => boolean]>> = {
  Directory: ['directory', (stats) => stats.isDirectory()],
  DirectoryOrCreate: ['directory', (stats) => stats.isDirectory()],
  File: [
    'file',
    (stats) => !stats.isDirectory() && !stats.isSocket() && !stats.isBlockDevice() && !stats.isCharacterDevice(),
  ],
  FileOrCreate: ['file', (stats) => stats.isFile()],
  Socket: ['socket file', (stats) => stats.isSocket()],
  CharDevice: ['character device', (stats) => stats.isCharacterDevice()],
  BlockDevice: ['block device', (stats) => stats.isBlockDevice()],
}

export async function checkHostPath(path: string, type: string): Promise<void> {
  if (type === '') return
  const kind = kinds[type]
  if (kind === undefined) throw new Error(`${type} is an invalid volume type`)
  const stats = await stat(path).catch(() => undefined)
  if (stats === undefined) {
    if (type === 'DirectoryOrCreate') return void (await mkdir(path, { recursive: true, mode: 0o755 }))
    if (type === 'FileOrCreate') return writeFile(path, '', { flag: 'a', mode: 0o644 })
    throw new Error(`hostPath type check failed: ${path} is not a ${kind[0]}`)
  }
  if (!kind[1](stats)) throw new Error(`hostPath type check failed: ${path} is not a ${kind[0]}`)
}
