import type { Pod } from '../../../api/types.generated.ts'
import type { SchedulerCache } from '../../cache/scheduler-cache.ts'
import { type CycleState, StateKey } from '../../framework/cycle-state.ts'
import { maxScore, type SchedulerPlugin } from '../../framework/plugin.ts'

const least = 23 << 20
const mostPerImage = 1000 * 2 ** 20

interface Wanted {
  /** Normalized names, with those that no node has left out. */
  readonly names: readonly string[]
  readonly count: number
  readonly nodeCount: number
}
const wanted = new StateKey<Wanted>('ImageLocality')

/** Prefers nodes that have the pod's images, the more so the more nodes have them (plugins/imagelocality). */
export function imageLocality(cache: SchedulerCache): SchedulerPlugin {
  // Once for all nodes. Upstream has no step before the scores here, so there is none to be chosen.
  const reckon = (state: CycleState, pod: Pod): Wanted => {
    const names = imagesOf(pod)
    const reckoned = { names, count: names.length, nodeCount: cache.nodes.length }
    state.write(wanted, reckoned)
    return reckoned
  }
  return {
    name: 'ImageLocality',
    score(state, { pod }, { images }) {
      const { names, count, nodeCount } = state.find(wanted) ?? reckon(state, pod)
      let sum = 0
      for (const name of names) {
        const image = images.get(name)
        if (image) sum += Math.floor(image.sizeBytes * (image.nodes.size / nodeCount))
      }
      if (sum <= least) return 0
      const most = mostPerImage * count
      return Math.floor((maxScore * (Math.min(sum, most) - least)) / (most - least))
    },
  }
}

function imagesOf({ spec }: Pod): string[] {
  const images = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map(({ image = '' }) => image)
  for (const { image } of spec?.volumes ?? []) if (image) images.push(image.reference ?? '')
  return images.map(normalized)
}

function normalized(image: string): string {
  return image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image
}
