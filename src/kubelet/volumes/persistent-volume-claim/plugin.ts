import { volumeClaimName } from '../../../api/core/v1/pod/volume-claim.ts'
import { stat } from 'node:fs/promises'
import { checkHostPath } from '../host-path/plugin.ts'
import { giveToGroup } from '../ownership.ts'
import type { VolumePlugin } from '../plugin.ts'

/** A claim whose volume is a folder of this node: `hostPath` or `local`. */
export const persistentVolumeClaim: VolumePlugin = {
  name: 'kubernetes.io~local-volume',
  supports: (volume) => volumeClaimName('', volume) !== undefined,
  follows: false,
  async mount({ volume, pod, sources }) {
    const namespace = pod.metadata.namespace ?? ''
    const claimName = volumeClaimName(pod.metadata.name, volume) ?? ''
    const claim = await sources.claim(namespace, claimName)
    if (claim.metadata.deletionTimestamp != null) {
      throw new Error(`error processing PVC ${namespace}/${claimName}: PVC is being deleted`)
    }
    const { volumeName } = claim.spec
    if (claim.status?.phase !== 'Bound' || !volumeName) {
      throw new Error(`error processing PVC ${namespace}/${claimName}: PVC is not bound`)
    }
    const { spec } = await sources.persistentVolume(volumeName)
    if (spec.claimRef?.uid !== claim.metadata.uid) {
      throw new Error(`error processing PVC ${namespace}/${claimName}: PVC is not bound`)
    }
    const readOnly = volume.persistentVolumeClaim?.readOnly ?? false
    if (spec.hostPath !== undefined) {
      await checkHostPath(spec.hostPath.path, spec.hostPath.type ?? '')
      return { path: spec.hostPath.path, readOnly }
    }
    if (spec.local !== undefined) {
      await stat(spec.local.path)
      await giveToGroup(spec.local.path, pod, readOnly)
      return { path: spec.local.path, readOnly }
    }
    throw new Error(`no volume plugin matched for volume ${volumeName}`)
  },
}
