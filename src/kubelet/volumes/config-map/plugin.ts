import { configMapFiles, optionally } from '../payload.ts'
import type { VolumePlugin } from '../plugin.ts'
import { writtenVolume } from '../written-volume.ts'

/** The data of a ConfigMap as files. */
export const configMap: VolumePlugin = {
  name: 'kubernetes.io~configmap',
  supports: (volume) => volume.configMap !== undefined,
  follows: true,
  async mount(input) {
    const { name = '', items, defaultMode = 0o644, defaultUser, optional = false } = input.volume.configMap ?? {}
    const object = await optionally(optional, input.sources.configMap(input.pod.metadata.namespace ?? '', name))
    return writtenVolume(input, configMapFiles(object, { items, defaultMode, defaultUser, optional }), false)
  },
}
