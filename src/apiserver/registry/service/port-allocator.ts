import type { Service } from '../../../api/types.generated.ts'
import type { Random } from '../../../machinery/random.ts'
import type { ResourceCache } from '../../cache/resource-cache.ts'
import type { StoredObject } from '../../cache/stored-object.ts'
import { AllocationError } from './allocation-error.ts'

/** `30000-32767`, both inclusive. */
export interface PortRange {
  readonly first: number
  readonly last: number
}

/**
 * Node ports of services. Which are taken follows from the services themselves, counted as the cache changes, and from the
 * operations under way: there is no second truth to be repaired (upstream keeps a bitmap, portallocator/allocator.go).
 */
export class PortAllocator {
  readonly range: PortRange
  readonly #random: Random
  readonly #used = new Map<number, number>()
  readonly #reserved = new Set<number>()
  #following: Promise<void> | undefined
  readonly #services: () => ResourceCache | Promise<ResourceCache>

  constructor(options: {
    range: PortRange
    random: Random
    services: () => ResourceCache | Promise<ResourceCache>
  }) {
    this.range = options.range
    this.#random = options.random
    this.#services = options.services
  }

  /** How many ports services have. */
  get taken(): number {
    return this.#used.size
  }

  /** Begins to allocate for one write. Ports stay reserved until `finish`. */
  async operation(dryRun: boolean): Promise<PortOperation> {
    this.#following ??= this.#follow()
    await this.#following
    return dryRun ? new DryPortOperation(this) : new ReservedPortOperation(this)
  }

  isTaken(port: number): boolean {
    return this.#reserved.has(port) || this.#used.has(port)
  }

  /** Throws AllocationError. */
  take(port: number): void {
    const { first, last } = this.range
    if (port < first || port > last) {
      throw new AllocationError(`provided port is not in the valid range. The range of valid ports is ${first}-${last}`)
    }
    if (this.isTaken(port)) throw new AllocationError('provided port is already allocated')
    this.#reserved.add(port)
  }

  takeNext(): number {
    const { first, last } = this.range
    const middle = first + rangeOffset(last - first + 1)
    const port = this.#freeIn(middle, last) ?? this.#freeIn(first, middle - 1)
    if (port === undefined) throw new AllocationError('range is full', true)
    this.#reserved.add(port)
    return port
  }

  giveBack(port: number): void {
    this.#reserved.delete(port)
  }

  #freeIn(from: number, to: number): number | undefined {
    const size = to - from + 1
    const start = Math.floor(this.#random.float() * size)
    for (let step = 0; step < size; step++) {
      const port = from + ((start + step) % size)
      if (!this.isTaken(port)) return port
    }
    return undefined
  }

  async #follow(): Promise<void> {
    const cache = await this.#services()
    for (const stored of cache.list()) this.#count(stored, 1)
    cache.subscribe(
      {},
      {
        onEvent: ({ type, object, previous }) => {
          if (type !== 'ADDED') this.#count(previous ?? object, -1)
          if (type !== 'DELETED') this.#count(object, 1)
        },
        onEnd: () => {
          this.#following = undefined
          this.#used.clear()
        },
      },
    )
  }

  #count(stored: StoredObject, by: number): void {
    for (const port of portsOf(stored.object as Service)) {
      const count = (this.#used.get(port) ?? 0) + by
      if (count > 0) this.#used.set(port, count)
      else this.#used.delete(port)
    }
  }
}

/** The node ports of one write. */
export interface PortOperation {
  /** Throws AllocationError. */
  allocate(port: number): void
  /** Throws AllocationError. */
  allocateNext(): number
  finish(): void
}

/** What one write reserved; given back when it is over, since what was stored counts from then on. */
class ReservedPortOperation implements PortOperation {
  readonly #allocator: PortAllocator
  readonly #taken: number[] = []

  constructor(allocator: PortAllocator) {
    this.#allocator = allocator
  }
  allocate(port: number): void {
    this.#allocator.take(port)
    this.#taken.push(port)
  }
  allocateNext(): number {
    const port = this.#allocator.takeNext()
    this.#taken.push(port)
    return port
  }
  finish(): void {
    for (const port of this.#taken) this.#allocator.giveBack(port)
  }
}

/** A dry run takes any port that is not taken, and gets 32769 and those after it (portallocator/operation.go). */
class DryPortOperation implements PortOperation {
  readonly #allocator: PortAllocator
  readonly #taken = new Set<number>()

  constructor(allocator: PortAllocator) {
    this.#allocator = allocator
  }
  allocate(port: number): void {
    if (this.#taken.has(port) || this.#allocator.isTaken(port))
      throw new AllocationError('provided port is already allocated')
    this.#taken.add(port)
  }
  allocateNext(): number {
    const port = this.#taken.size === 0 ? 32_769 : Math.max(...this.#taken) + 1
    this.#taken.add(port)
    return port
  }
  finish(): void {}
}

/** Node ports of a service, its health check's included. */
export function portsOf({ spec }: Service): number[] {
  const ports = new Set((spec?.ports ?? []).map(({ nodePort }) => nodePort ?? 0))
  ports.add(spec?.healthCheckNodePort ?? 0)
  ports.delete(0)
  return [...ports]
}

/** `min(max(16, size/32), 128)`: the lower part is kept for ports that people choose. */
function rangeOffset(size: number): number {
  if (size <= 16) return 0
  return Math.min(Math.max(16, Math.floor(size / 32)), 128)
}
