import { downwardFiles } from '../payload.ts'
import type { VolumePlugin } from '../plugin.ts'
import { writtenVolume } from '../written-volume.ts'

/** Facts about the pod as files. */
export const downwardAPI: VolumePlugin = {
  name: 'kubernetes.io~downward-api',
  supports: (volume) => volume.downwardAPI !== undefined,
  follows: true,
  async mount(input) {
    const { items = [], defaultMode = 0o644, defaultUser } = input.volume.downwardAPI ?? {}
    return writtenVolume(input, downwardFiles(items, input.facts, defaultMode, defaultUser), true)
  },
}
