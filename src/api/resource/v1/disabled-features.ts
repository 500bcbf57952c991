import type { Draft } from '../../../machinery/json.ts'
import type { FeatureEnabled } from '../../features/feature-gates.ts'
import type { DeviceClaim, ResourceClaimStatus, ResourceSlice } from '../../types.generated.ts'

/** Takes away the fields of features that are off in this release (pkg/registry/resource dropDisabledFields). */

/** DRADerivedAttributes. */
export function dropFromClaim({ requests }: Draft<DeviceClaim>): void {
  for (const { exactly, firstAvailable = [] } of requests ?? []) {
    for (const request of exactly === undefined ? firstAvailable : [exactly, ...firstAvailable]) {
      delete request.derivedAttributes
    }
  }
}

/** DRAOptionalNodeOperations. */
export function dropFromClaimStatus({ allocation }: Draft<ResourceClaimStatus>): void {
  for (const result of allocation?.devices?.results ?? []) delete result.skipNodeOperations
}

/**
 * DRADeviceCompatibilityGroups, DRANodeAllocatableResources, DRAListTypeAttributes, DRAPartitionableDevicesType and
 * DRAOptionalNodeOperations.
 */
export function dropFromSlice({ spec }: Draft<ResourceSlice>, enabled: FeatureEnabled): void {
  if (!enabled('DRAPartitionableDevicesType')) delete spec.partitionTypeAttribute
  delete spec.skipNodeOperations
  for (const device of spec.devices ?? []) {
    delete device.nodeAllocatableResources
    for (const consumption of device.consumesCounters ?? []) delete consumption.compatibilityGroups
    for (const attribute of Object.values(device.attributes ?? {})) {
      delete attribute.bools
      delete attribute.ints
      delete attribute.strings
      delete attribute.versions
    }
  }
}
