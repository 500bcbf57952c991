import { readFile } from 'node:fs/promises'
import type { RunCommand } from '../../machinery/command.ts'

/** What is mounted where in this mount namespace, and the means to change it. */
export interface MountTable {
  /** Mount points at or below a folder, deepest first. */
  below(folder: string): Promise<readonly string[]>
  isMountPoint(path: string): Promise<boolean>
  tmpfs(path: string, options: readonly string[]): Promise<void>
  /** Shows `source` at `target` too. */
  bind(source: string, target: string): Promise<void>
  remountTmpfs(path: string, options: readonly string[]): Promise<void>
  unmount(path: string): Promise<void>
}

/** Of this machine, by /proc and the tools of util-linux. */
export function createMountTable(run: RunCommand): MountTable {
  const points = async () => {
    const text = await readFile('/proc/self/mountinfo', 'utf8')
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => unescape(line.split(' ')[4] ?? ''))
  }
  return {
    async below(folder) {
      const found = (await points()).filter((point) => point === folder || point.startsWith(`${folder}/`))
      return found.sort((a, b) => b.length - a.length)
    },
    isMountPoint: async (path) => (await points()).includes(path),
    tmpfs: async (path, options) => void (await run('mount', ['-t', 'tmpfs', '-o', options.join(','), 'tmpfs', path])),
    bind: async (source, target) => void (await run('mount', ['--no-canonicalize', '--bind', source, target])),
    remountTmpfs: async (path, options) => void (await run('mount', ['-o', ['remount', ...options].join(','), path])),
    unmount: async (path) => void (await run('umount', [path])),
  }
}

/** Spaces and the like are written in octal. */
function unescape(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}
