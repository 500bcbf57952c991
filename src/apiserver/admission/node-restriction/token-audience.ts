import { volumeClaimName } from '../../../api/core/v1/pod/volume-claim.ts'
import { persistentVolumeClaims } from '../../../api/core/v1/persistent-volume-claim.ts'
import { persistentVolumes } from '../../../api/core/v1/persistent-volume.ts'
import { csiDrivers } from '../../../api/storage/v1/csi-driver.ts'
import type { Pod, Volume } from '../../../api/types.generated.ts'
import type { Lister } from '../../lister.ts'

/** Whether a pod, or a storage driver that serves its volumes, has use for a token of this audience. */
export function podUsesAudience(lister: Lister, { metadata, spec }: Pod, audience: string): boolean {
  return (spec.volumes ?? []).some((volume) => {
    const sources = volume.projected?.sources ?? []
    if (
      sources.some(
        ({ serviceAccountToken }) =>
          serviceAccountToken !== undefined && (serviceAccountToken.audience ?? '') === audience,
      )
    )
      return true
    const driver = driverOf(lister, metadata.namespace ?? '', metadata.name ?? '', volume)
    const requests = driver === undefined ? [] : (lister.get(csiDrivers, '', driver)?.spec.tokenRequests ?? [])
    return requests.some((request) => request.audience === audience)
  })
}

function driverOf(lister: Lister, namespace: string, pod: string, volume: Volume): string | undefined {
  if (volume.csi !== undefined) return volume.csi.driver
  const claimName = volumeClaimName(pod, volume)
  const claim = claimName === undefined ? undefined : lister.get(persistentVolumeClaims, namespace, claimName)
  const { volumeName } = claim?.spec ?? {}
  return volumeName ? lister.get(persistentVolumes, '', volumeName)?.spec.csi?.driver : undefined
}
