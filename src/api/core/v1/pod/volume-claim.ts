import type { Volume } from '../../../types.generated.ts'

/**
 * The name of the claim that a volume of a pod stands for, in the pod's namespace: the one it names, or the one that is made
 * for it (component-helpers storage/ephemeral VolumeClaimName); undefined: the volume is no claim's.
 */
export function volumeClaimName(podName: string | undefined, volume: Volume): string | undefined {
  if (volume.persistentVolumeClaim) return volume.persistentVolumeClaim.claimName
  return volume.ephemeral ? `${podName ?? ''}-${volume.name}` : undefined
}
