import type { Volume } from '../../../../api/types.generated.ts'
import { plural, quotedList, type SecurityCheck, sorted } from '../check.ts'

export const hostPathVolumes: SecurityCheck = {
  id: 'hostPathVolumes',
  level: 'baseline',
  revisions: [
    [
      0,
      (spec) => {
        const bad = (spec.volumes ?? []).filter(({ hostPath }) => hostPath).map(({ name }) => name)
        if (bad.length === 0) return undefined
        return { reason: 'hostPath volumes', detail: `${plural('volume', 'volumes', bad.length)} ${quotedList(bad)}` }
      },
    ],
  ],
}

const allowed: readonly (keyof Volume)[] = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]

/** In the order in which the first one that is set names the volume's type. */
const restricted: readonly (keyof Volume)[] = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'nfs',
  'iscsi',
  'glusterfs',
  'rbd',
  'flexVolume',
  'cinder',
  'cephfs',
  'flocker',
  'fc',
  'azureFile',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'photonPersistentDisk',
  'portworxVolume',
  'scaleIO',
  'storageos',
]

export const restrictedVolumes: SecurityCheck = {
  id: 'restrictedVolumes',
  level: 'restricted',
  overrides: 'hostPathVolumes',
  revisions: [
    [
      0,
      (spec) => {
        const bad = (spec.volumes ?? []).filter((volume) => !allowed.some((type) => volume[type]))
        if (bad.length === 0) return undefined
        const types = sorted(bad.map((volume) => restricted.find((type) => volume[type]) ?? 'unknown'))
        const volumes = `${plural('volume', 'volumes', bad.length)} ${quotedList(bad.map(({ name }) => name))}`
        const what = plural('restricted volume type', 'restricted volume types', types.length)
        const detail = `${volumes} ${plural('uses', 'use', bad.length)} ${what} ${quotedList(types)}`
        return { reason: 'restricted volume types', detail }
      },
    ],
  ],
}
