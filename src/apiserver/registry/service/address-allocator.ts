import type { IPAddress, ServiceCIDR } from '../../../api/types.generated.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import { isReason } from '../../../machinery/errors.ts'
import type { Clock } from '../../../machinery/clock.ts'
import type { Draft } from '../../../machinery/json.ts'
import type { Random } from '../../../machinery/random.ts'
import { formatIp, parseIp } from '../../../machinery/validation/ip-address.ts'
import { trackManagedFields } from '../../handlers/managed-fields.ts'
import type { Registry } from '../registry.ts'
import type { WriteScope } from '../write-scope.ts'
import { AddressRange, type IpFamily } from './address-range.ts'
import { AllocationError } from './allocation-error.ts'

const familyLabel = 'ipaddress.kubernetes.io/ip-family'
const managedByLabel = 'ipaddress.kubernetes.io/managed-by'
export const addressManager = 'ipallocator.k8s.io'

export interface ServiceKey {
  readonly namespace: string
  readonly name: string
}

/**
 * Cluster IPs of services: each one given out is an IPAddress object, whose name is taken or free, so that any number of
 * servers agree (KEP-1880; pkg/registry/core/service/ipallocator). The ranges are those of the ready ServiceCIDRs.
 */
export class AddressAllocator {
  readonly #addresses: () => Registry
  readonly #cidrs: () => Registry
  readonly #random: Random
  readonly #clock: Clock
  readonly #ranges = new Map<string, AddressRange>()
  #allocated: (cidr: string, scope: 'static' | 'dynamic', ms: number) => void = () => {}

  constructor(options: { addresses: () => Registry; cidrs: () => Registry; random: Random; clock: Clock }) {
    this.#addresses = options.addresses
    this.#cidrs = options.cidrs
    this.#random = options.random
    this.#clock = options.clock
  }

  /** Told of each address that a service was given: of which range, whether it asked for that one, and how long it took. */
  onAllocated(allocated: (cidr: string, scope: 'static' | 'dynamic', ms: number) => void): void {
    this.#allocated = allocated
  }
  /** The addresses that are given out. */
  async taken(): Promise<readonly string[]> {
    const cache = await this.#addresses().storage.cache()
    return cache.list().map(({ key }) => key)
  }

  /** Throws AllocationError. */
  async allocate(address: string, service: ServiceKey, dryRun: boolean): Promise<void> {
    const parsed = parseIp(address)
    if (parsed === undefined) throw new AllocationError(`failed to parse service IP ${address}`)
    const range = (await this.ranges()).find((candidate) => candidate.contains(parsed))
    if (range === undefined) throw new AllocationError('the provided network does not match the current range')
    if (!range.usable(parsed)) {
      throw new AllocationError(
        `the provided IP (${address}) is not in the valid range. The range of valid IPs is ${range.text}`,
      )
    }
    if (dryRun) return
    const began = this.#clock.monotonic()
    if (!(await this.#take(formatIp(parsed), range.family, service))) {
      throw new AllocationError('provided IP is already allocated')
    }
    this.#allocated(range.text, 'static', this.#clock.monotonic() - began)
  }

  /** Any free address of the family. A dry run gets the range's first one. */
  async allocateNext(family: IpFamily, service: ServiceKey, dryRun: boolean): Promise<string> {
    const began = this.#clock.monotonic()
    const cache = await this.#addresses().storage.cache()
    for (const range of await this.ranges()) {
      if (range.family !== family) continue
      if (dryRun) return range.text.slice(0, range.text.indexOf('/'))
      for (const address of range.candidates(() => this.#random.float())) {
        if (cache.get(address) !== undefined) continue
        if (!(await this.#take(address, family, service))) continue
        this.#allocated(range.text, 'dynamic', this.#clock.monotonic() - began)
        return address
      }
    }
    throw new AllocationError('range is full', true)
  }

  async release(address: string): Promise<void> {
    const parsed = parseIp(address)
    if (parsed === undefined) return
    try {
      await this.#addresses().delete(formatIp(parsed), {}, () => {}, scope)
    } catch (error) {
      // What is gone is released; the repair loop finds what is left behind.
      if (!isReason(error, 'NotFound')) throw error
    }
  }

  /** The ranges that services get addresses from, in the order of their ServiceCIDRs' names, `kubernetes` first. */
  async ranges(): Promise<AddressRange[]> {
    const cache = await this.#cidrs().storage.cache()
    const objects = cache.list().map((stored) => stored.object as ServiceCIDR)
    const rank = ({ metadata }: ServiceCIDR) => (metadata?.name === 'kubernetes' ? 0 : 1)
    return objects
      .filter(isReady)
      .sort((a, b) => rank(a) - rank(b))
      .flatMap(({ spec }) => spec?.cidrs ?? [])
      .map((text) => this.#range(text))
  }

  #range(text: string): AddressRange {
    let range = this.#ranges.get(text)
    if (range === undefined) this.#ranges.set(text, (range = new AddressRange(text)))
    return range
  }

  async #take(address: string, family: IpFamily, service: ServiceKey): Promise<boolean> {
    const object = addressObject(address, family, service) as Draft<KubeObject>
    const registry = this.#addresses()
    // Made beside the front door, and owned as if it had come through it.
    trackManagedFields(undefined, object, {
      manager: 'kube-apiserver',
      definition: registry.definition,
      subresource: '',
      now: this.#clock.now(),
    })
    try {
      await registry.create(object, () => {}, scope)
      return true
    } catch (error) {
      if (isReason(error, 'AlreadyExists')) return false
      throw new AllocationError((error as Error).message, false, { cause: error })
    }
  }
}

/** The IPAddress that says whose an address is. */
export function addressObject(address: string, family: IpFamily, { namespace, name }: ServiceKey): IPAddress {
  return {
    kind: 'IPAddress',
    apiVersion: 'networking.k8s.io/v1',
    metadata: { name: address, labels: { [familyLabel]: family, [managedByLabel]: addressManager } },
    spec: { parentRef: { resource: 'services', namespace, name } },
  }
}

const scope: WriteScope = {
  user: { name: 'system:apiserver', groups: ['system:masters'] },
  namespace: '',
  subresource: '',
  verb: 'create',
  dryRun: false,
  warn: () => {},
}

function isReady({ metadata, status }: ServiceCIDR): boolean {
  if (metadata?.deletionTimestamp) return false
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') !== false
}
