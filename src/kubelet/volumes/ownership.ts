import { chmod, lchown, lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pod } from '../../api/types.generated.ts'
import { declaredContainers } from '../pods/containers.ts'
import { effectiveContext } from '../security/effective-context.ts'

/**
 * Gives a volume to the pod's fsGroup: the group owns all of it, may read, and write unless it is read-only; new files
 * in its folders get the group too (upstream: pkg/volume/volume_linux.go).
 */
export async function giveToGroup(folder: string, pod: Pod, readOnly: boolean): Promise<void> {
  const { fsGroup, fsGroupChangePolicy } = pod.spec.securityContext ?? {}
  if (fsGroup === undefined) return
  if (fsGroupChangePolicy === 'OnRootMismatch' && (await belongs(folder, fsGroup, readOnly))) return
  await give(folder, fsGroup, readOnly)
}

const setgid = 0o2000

async function belongs(folder: string, group: number, readOnly: boolean): Promise<boolean> {
  const { gid, mode } = await lstat(folder)
  const wanted = (readOnly ? 0o440 : 0o660) | 0o110 | setgid
  return gid === group && (mode & wanted) === wanted
}

async function give(path: string, group: number, readOnly: boolean): Promise<void> {
  const stat = await lstat(path)
  if (stat.isDirectory()) {
    for (const name of await readdir(path)) await give(join(path, name), group, readOnly)
  }
  await lchown(path, stat.uid, group)
  if (stat.isSymbolicLink()) return
  const mask = (readOnly ? 0o440 : 0o660) | (stat.isDirectory() ? setgid | 0o110 : 0)
  await chmod(path, (stat.mode & 0o7777) | mask)
}

/** The one user that all containers run as, when there is one. */
export function commonUser(pod: Pod): number | undefined {
  const users = declaredContainers(pod).map(({ container }) => effectiveContext(pod, container).runAsUser)
  return users.every((user) => user === users[0]) ? users[0] : undefined
}
