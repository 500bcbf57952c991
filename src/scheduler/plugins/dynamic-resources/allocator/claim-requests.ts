import type {
  CapacityRequirements,
  Device,
  DeviceClass,
  DeviceDerivedAttribute,
  DeviceRequest,
  DeviceSelector,
  DeviceToleration,
  ResourceSlice,
} from '../../../../api/types.generated.ts'
import type { DeviceKey } from './allocated-state.ts'
import type { DevicePool } from './device-pools.ts'

/** A device that may be chosen. */
export interface Candidate {
  readonly key: DeviceKey
  readonly device: Device
  readonly slice: ResourceSlice
  readonly pool: DevicePool
}

/** What is asked for: a request, or one of the alternatives of a request with a list of them. */
export interface WantedDevices {
  readonly name: string
  /** The request of which this is an alternative. */
  readonly parent: string | undefined
  readonly className: string
  readonly mode: string
  readonly count: number
  readonly adminAccess: boolean | undefined
  readonly selectors: readonly DeviceSelector[]
  readonly tolerations: readonly DeviceToleration[] | undefined
  readonly capacity: CapacityRequirements | undefined
  readonly derivedAttributes: readonly DeviceDerivedAttribute[]
}

/** As `WantedDevices`, with what was found out about it for a node. */
export interface Demand extends WantedDevices {
  readonly class: DeviceClass
  readonly numDevices: number
  /** For the mode All: which ones. */
  readonly allDevices: readonly Candidate[]
}

/** A request of a claim: the first of its alternatives that can be had. */
export interface RequestDemand {
  readonly name: string
  /** Without a list: one, that is the request itself. */
  readonly alternatives: readonly Demand[]
  readonly isList: boolean
}

/** `request`, or `request/alternative`. */
export function fullName({ name, parent }: Pick<WantedDevices, 'name' | 'parent'>): string {
  return parent === undefined ? name : `${parent}/${name}`
}

export function wantedOf(request: DeviceRequest): readonly WantedDevices[] {
  const { exactly, firstAvailable = [] } = request
  const wanted = (asked: NonNullable<typeof exactly>, name: string, parent?: string): WantedDevices => ({
    name,
    parent,
    className: asked.deviceClassName,
    mode: asked.allocationMode ?? 'ExactCount',
    count: asked.count ?? 1,
    adminAccess: asked.adminAccess,
    selectors: asked.selectors ?? [],
    tolerations: asked.tolerations,
    capacity: asked.capacity,
    derivedAttributes: asked.derivedAttributes ?? [],
  })
  if (firstAvailable.length > 0) return firstAvailable.map((asked) => wanted(asked, asked.name, request.name))
  return exactly === undefined ? [] : [wanted(exactly, request.name)]
}
