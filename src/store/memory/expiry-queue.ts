import type { Clock } from '../../machinery/clock.ts'
import type { Version } from './transaction.ts'

/**
 * Versions that end by themselves, soonest first, behind one timer; none runs while nothing waits. A version that was
 * replaced meanwhile is still reported: the receiver compares before it deletes.
 */
export class ExpiryQueue {
  /** A binary heap by `expiresAt`. */
  readonly #heap: Version[] = []
  readonly #clock: Clock
  readonly #expire: (versions: readonly Version[]) => void
  #armed: { readonly at: number; readonly cancel: () => void } | undefined

  constructor(clock: Clock, expire: (versions: readonly Version[]) => void) {
    this.#clock = clock
    this.#expire = expire
  }

  add(version: Version): void {
    if (version.expiresAt === undefined) return
    const heap = this.#heap
    let index = heap.push(version) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (due(heap[parent]!) <= due(version)) break
      heap[index] = heap[parent]!
      index = parent
    }
    heap[index] = version
    if (index === 0) this.#arm()
  }

  /** Tries these again a second later, e.g. because the disk was full. */
  retry(versions: readonly Version[]): void {
    const at = this.#clock.now() + 1000
    for (const version of versions) this.add({ ...version, expiresAt: Math.max(at, due(version)) })
  }

  stop(): void {
    this.#armed?.cancel()
    this.#armed = undefined
    this.#heap.length = 0
  }

  #arm(): void {
    const at = this.#heap[0]?.expiresAt
    if (this.#armed && this.#armed.at === at) return
    this.#armed?.cancel()
    this.#armed = undefined
    if (at === undefined) return
    this.#armed = { at, cancel: this.#clock.after(Math.max(0, at - this.#clock.now()), () => this.#fire()) }
  }

  #fire(): void {
    this.#armed = undefined
    const now = this.#clock.now()
    const expired: Version[] = []
    while (this.#heap.length > 0 && due(this.#heap[0]!) <= now) expired.push(this.#pop())
    this.#arm()
    if (expired.length > 0) this.#expire(expired)
  }

  #pop(): Version {
    const heap = this.#heap
    const top = heap[0]!
    const last = heap.pop()!
    if (heap.length === 0) return top
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && due(heap[child + 1]!) < due(heap[child]!)) child++
      if (due(last) <= due(heap[child]!)) break
      heap[index] = heap[child]!
      index = child
    }
    heap[index] = last
    return top
  }
}

function due(version: Version): number {
  return version.expiresAt ?? Number.POSITIVE_INFINITY
}
