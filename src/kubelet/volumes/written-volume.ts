import { mkdir } from 'node:fs/promises'
import { join, normalize } from 'node:path'
import type { Pod } from '../../api/types.generated.ts'
import { declaredContainers } from '../pods/containers.ts'
import { type Payload, writeAtomically } from './atomic-writer.ts'
import { giveToGroup } from './ownership.ts'
import type { MountedVolume, VolumeInput } from './plugin.ts'

/** A volume whose files the kubelet writes. `secret`: they never touch a disk. */
export async function writtenVolume(input: VolumeInput, payload: Payload, secret: boolean): Promise<MountedVolume> {
  const { folder, pod, mounts, volume } = input
  await mkdir(folder, { recursive: true, mode: 0o777 })
  if (secret && !(await mounts.isMountPoint(folder)))
    await mounts.tmpfs(folder, ['mode=0777', 'noswap']).catch(() => mounts.tmpfs(folder, ['mode=0777']))
  for (const nested of nestedMountPoints(volume.name, pod)) await mkdir(join(folder, nested), { recursive: true })
  await writeAtomically(folder, payload, input.stamp(), () => giveToGroup(folder, pod, true))
  return { path: folder, readOnly: true }
}

/** Where other volumes are mounted inside this one: containers cannot make these folders in a read-only volume. */
function nestedMountPoints(name: string, pod: Pod): string[] {
  return declaredContainers(pod).flatMap(({ container }) => {
    const points = (container.volumeMounts ?? []).map((mount) => ({ ...mount, at: normalize(mount.mountPath) }))
    return points
      .filter((mount) => mount.name === name)
      .flatMap(({ at }) => {
        const inside = points
          .map((other) => other.at)
          .filter((other) => other.startsWith(`${at}/`))
          .sort()
        const outermost = inside.filter(
          (point, index) => !inside.slice(0, index).some((one) => point.startsWith(`${one}/`)),
        )
        return outermost.map((point) => point.slice(at.length + 1)).filter((point) => !point.split('/').includes('..'))
      })
  })
}
