import type { FeatureEnabled } from '../../../../api/features/feature-gates.ts'

/** What an allocator knows beyond the oldest form of allocation, each with its gate. */
export interface AllocatorFeatures {
  readonly adminAccess: boolean
  readonly prioritizedList: boolean
  readonly partitionableDevices: boolean
  readonly deviceTaints: boolean
  readonly deviceBindingAndStatus: boolean
  readonly consumableCapacity: boolean
  readonly fractionalCapacityRange: boolean
  readonly listTypeAttributes: boolean
  readonly optionalNodeOperations: boolean
  readonly derivedAttributes: boolean
  readonly compatibilityGroups: boolean
}

/** dynamicresources.go AllocatorFeatures. */
export function allocatorFeatures(enabled: FeatureEnabled): AllocatorFeatures {
  return {
    adminAccess: enabled('DRAAdminAccess'),
    prioritizedList: enabled('DRAPrioritizedList'),
    partitionableDevices: enabled('DRAPartitionableDevices'),
    deviceTaints: enabled('DRADeviceTaints'),
    deviceBindingAndStatus: enabled('DRADeviceBindingConditions') && enabled('DRAResourceClaimDeviceStatus'),
    consumableCapacity: enabled('DRAConsumableCapacity'),
    fractionalCapacityRange: enabled('DRAFractionalCapacityRange'),
    listTypeAttributes: enabled('DRAListTypeAttributes'),
    optionalNodeOperations: enabled('DRAOptionalNodeOperations'),
    derivedAttributes: enabled('DRADerivedAttributes'),
    compatibilityGroups: enabled('DRADeviceCompatibilityGroups'),
  }
}
