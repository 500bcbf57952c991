import { chmod, mkdir, stat } from 'node:fs/promises'
import type { Pod } from '../../../api/types.generated.ts'
import { podAmounts } from '../../resources/pod-resources.ts'
import { units } from '../../resources/quantity.ts'
import { giveToGroup } from '../ownership.ts'
import type { VolumePlugin } from '../plugin.ts'

/** A folder of the pod's own, on disk or in memory, gone with the pod. */
export const emptyDir: VolumePlugin = {
  name: 'kubernetes.io~empty-dir',
  supports: (volume) => volume.emptyDir !== undefined,
  follows: false,
  async mount({ volume, pod, folder, facts, mounts }) {
    const { medium = '', sizeLimit, mode = 0o777 } = volume.emptyDir ?? {}
    const there = await stat(folder).catch(() => undefined)
    if (medium === 'Memory') {
      if (!(await mounts.isMountPoint(folder))) {
        await mkdir(folder, { recursive: true })
        const bytes = memorySize(pod, sizeLimit, facts.allocatable['memory'])
        const options = [`mode=${mode.toString(8)}`, ...(bytes > 0 ? [`size=${bytes}`] : [])]
        await mounts.tmpfs(folder, options)
        await chmod(folder, mode)
        await giveToGroup(folder, pod, false)
      }
    } else if (medium === '' || medium.startsWith('HugePages')) {
      if (there === undefined) {
        await mkdir(folder, { recursive: true })
        await chmod(folder, mode)
        await giveToGroup(folder, pod, false)
      }
    } else throw new Error(`unknown storage medium ${JSON.stringify(medium)}`)
    return { path: folder, readOnly: false }
  },
}

/** The least of what the node has, what the pod may use, and what the volume allows. */
function memorySize(pod: Pod, sizeLimit: string | undefined, allocatable: string | undefined): number {
  const limits = [units(allocatable), podAmounts(pod, 'limits')['memory'] ?? 0, units(sizeLimit)].filter(
    (one) => one > 0,
  )
  return limits.length === 0 ? 0 : Math.min(...limits)
}
