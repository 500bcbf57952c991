import { optionally, secretFiles } from '../payload.ts'
import type { VolumePlugin } from '../plugin.ts'
import { writtenVolume } from '../written-volume.ts'

/** The data of a Secret as files, in memory. */
export const secret: VolumePlugin = {
  name: 'kubernetes.io~secret',
  supports: (volume) => volume.secret !== undefined,
  follows: true,
  async mount(input) {
    const { secretName = '', items, defaultMode = 0o644, defaultUser, optional = false } = input.volume.secret ?? {}
    const object = await optionally(optional, input.sources.secret(input.pod.metadata.namespace ?? '', secretName))
    return writtenVolume(input, secretFiles(object, { items, defaultMode, defaultUser, optional }), true)
  },
}
