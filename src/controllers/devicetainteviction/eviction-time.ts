import { toleratesDeviceTaint } from '../../api/resource/v1/device-toleration.ts'
import type {
  DeviceRequestAllocationResult,
  DeviceTaint,
  Pod,
  ResourceClaim,
  ResourceSlice,
} from '../../api/types.generated.ts'
import { claimNameOf, isOwnedBy, isReservedFor } from '../resourceclaim/claim-for-pod.ts'

export interface DeviceLookups {
  /** `key`: `namespace/name`. */
  claim(key: string): ResourceClaim | undefined
  /** All slices of a pool, whatever their generation. */
  slices(driver: string, pool: string): readonly ResourceSlice[]
}

/** When a pod has to go for the sake of its devices (epoch ms); undefined: it may stay. */
export function podEvictionTime(pod: Pod, lookups: DeviceLookups): number | undefined {
  if (!pod.spec?.nodeName) return undefined
  const times = (pod.spec.resourceClaims ?? []).flatMap((podClaim) => {
    const claim = lookups.claim(`${pod.metadata.namespace}/${claimNameOf(pod, podClaim) ?? ''}`)
    if (claim === undefined || !isReservedFor(claim, pod)) return []
    if (podClaim.resourceClaimName === undefined && !isOwnedBy(claim, pod)) return []
    return claimEvictionTime(claim, lookups) ?? []
  })
  return times.length === 0 ? undefined : Math.min(...times)
}

/** The earliest time at which a taint of one of its devices drives out who uses the claim (claimEvictionTime). */
export function claimEvictionTime({ status }: ResourceClaim, lookups: DeviceLookups): number | undefined {
  const times = (status?.allocation?.devices?.results ?? []).flatMap((result) =>
    taintsOf(result, lookups).flatMap((taint) => {
      const seconds = toleratedSeconds(result, taint)
      return seconds === Infinity ? [] : [Date.parse(taint.timeAdded ?? '') + seconds * 1000]
    }),
  )
  return times.length === 0 ? undefined : Math.min(...times)
}

function taintsOf({ driver, pool, device }: DeviceRequestAllocationResult, lookups: DeviceLookups): DeviceTaint[] {
  const slices = lookups.slices(driver, pool)
  const newest = Math.max(...slices.map(({ spec }) => spec.pool.generation))
  const found = slices
    .filter(({ spec }) => spec.pool.generation === newest)
    .flatMap(({ spec }) => spec.devices ?? [])
    .find(({ name }) => name === device)
  return (found?.taints ?? []).filter(({ effect }) => effect === 'NoExecute')
}

/** Infinity: for ever; 0 also where nothing tolerates the taint. */
function toleratedSeconds({ tolerations = [] }: DeviceRequestAllocationResult, taint: DeviceTaint): number {
  const bearing = tolerations.filter(
    (toleration) => toleration.effect === 'NoExecute' && toleratesDeviceTaint(toleration, taint),
  )
  if (bearing.some(({ tolerationSeconds }) => tolerationSeconds === undefined)) return Infinity
  return bearing.length === 0
    ? 0
    : Math.min(...bearing.map(({ tolerationSeconds = 0 }) => Math.max(tolerationSeconds, 0)))
}
