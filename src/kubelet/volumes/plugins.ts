import { configMap } from './config-map/plugin.ts'
import { downwardAPI } from './downward-api/plugin.ts'
import { emptyDir } from './empty-dir/plugin.ts'
import { hostPath } from './host-path/plugin.ts'
import { persistentVolumeClaim } from './persistent-volume-claim/plugin.ts'
import type { VolumePlugin } from './plugin.ts'
import { projected } from './projected/plugin.ts'
import { secret } from './secret/plugin.ts'

/** All volume plugins. Volumes that are images are the runtime's. */
export const volumePlugins: readonly VolumePlugin[] = [
  emptyDir,
  hostPath,
  configMap,
  secret,
  projected,
  downwardAPI,
  persistentVolumeClaim,
]
