/** A request that waits for seats. */
export interface Waiting {
  readonly seats: number
  readonly start: () => void
}

interface Queue {
  readonly waiting: { readonly item: Waiting; readonly begin: number }[]
  /** When, in virtual time, what it has been given so far will be through. */
  end: number
}

/**
 * The queues of one priority level. A flow is dealt a hand of queues and waits in the emptiest, so that a flood fills
 * its own hand only (shuffle sharding); the queue whose turn is earliest in virtual time goes next (start-time fair
 * queueing), so that each gets its share, whatever the length of others.
 */
export class FairQueues {
  readonly #queues: Queue[]
  readonly #handSize: number
  readonly #lengthLimit: number
  #virtualTime = 0
  #length = 0

  constructor(options: { readonly queues: number; readonly handSize: number; readonly queueLengthLimit: number }) {
    this.#queues = Array.from({ length: options.queues }, () => ({ waiting: [], end: 0 }))
    this.#handSize = Math.min(options.handSize, options.queues)
    this.#lengthLimit = options.queueLengthLimit
  }
  get length(): number {
    return this.#length
  }

  /** False: the hand's emptiest queue is full. */
  push(flow: string, item: Waiting): boolean {
    let best: Queue | undefined
    for (const index of hand(hashOf(flow), this.#queues.length, this.#handSize)) {
      const queue = this.#queues[index]!
      if (best === undefined || queue.waiting.length < best.waiting.length) best = queue
    }
    if (best === undefined || best.waiting.length >= this.#lengthLimit) return false
    const begin = Math.max(this.#virtualTime, best.end)
    best.end = begin + item.seats
    best.waiting.push({ item, begin })
    this.#length++
    return true
  }

  /** Whose turn it is. */
  peek(): Waiting | undefined {
    return this.#next()?.waiting[0]?.item
  }
  shift(): Waiting | undefined {
    const queue = this.#next()
    const first = queue?.waiting.shift()
    if (first === undefined) return undefined
    this.#length--
    this.#virtualTime = Math.max(this.#virtualTime, first.begin)
    return first.item
  }
  remove(item: Waiting): boolean {
    for (const queue of this.#queues) {
      const index = queue.waiting.findIndex((entry) => entry.item === item)
      if (index < 0) continue
      queue.waiting.splice(index, 1)
      this.#length--
      return true
    }
    return false
  }

  #next(): Queue | undefined {
    if (this.#length === 0) return undefined
    let best: Queue | undefined
    for (const queue of this.#queues) {
      const begin = queue.waiting[0]?.begin
      if (begin !== undefined && (best === undefined || begin < best.waiting[0]!.begin)) best = queue
    }
    return best
  }
}

/** A well-mixed 53-bit hash (cyrb53). */
export function hashOf(text: string): number {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    high = Math.imul(high ^ code, 2654435761)
    low = Math.imul(low ^ code, 1597334677)
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
  return 4294967296 * (2097151 & low) + (high >>> 0)
}

/** `size` different cards out of a deck, as the hash says (apiserver pkg/util/shufflesharding). */
export function hand(hash: number, deck: number, size: number): number[] {
  const dealt: number[] = []
  let rest = hash
  for (let index = 0; index < size; index++) {
    let card = rest % (deck - index)
    rest = Math.floor(rest / (deck - index))
    for (const other of [...dealt].sort((a, b) => a - b)) if (other <= card) card++
    dealt.push(card)
  }
  return dealt
}
