/** Hands out equal parts of a range, lowest free one first (pkg/controller/nodeipam/ipam/cidrset). */
export class CidrPool {
  readonly #base: number
  readonly #partSize: number
  readonly #partPrefix: number
  readonly #count: number
  readonly #used = new Set<number>()

  /** `range`: `10.244.0.0/16`; `partPrefix`: 24. Throws a RangeError when parts are larger than the range. */
  constructor(range: string, partPrefix: number) {
    const [address = '', prefix = ''] = range.split('/')
    if (Number(prefix) > partPrefix) throw new RangeError(`${range} is smaller than one /${partPrefix}`)
    this.#base = numberOf(address)
    this.#partPrefix = partPrefix
    this.#partSize = 2 ** (32 - partPrefix)
    this.#count = 2 ** (partPrefix - Number(prefix))
  }

  /** A free part, or undefined when none is left. */
  allocate(): string | undefined {
    for (let index = 0; index < this.#count; index++) {
      if (this.#used.has(index)) continue
      this.#used.add(index)
      return `${textOf(this.#base + index * this.#partSize)}/${this.#partPrefix}`
    }
    return undefined
  }
  /** Marks a part that a node has already; ranges elsewhere are nobody's business. */
  occupy(part: string): void {
    const index = this.#indexOf(part)
    if (index !== undefined) this.#used.add(index)
  }
  release(part: string): void {
    const index = this.#indexOf(part)
    if (index !== undefined) this.#used.delete(index)
  }

  #indexOf(part: string): number | undefined {
    const index = Math.floor((numberOf(part.split('/')[0] ?? '') - this.#base) / this.#partSize)
    return index >= 0 && index < this.#count ? index : undefined
  }
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}

function textOf(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')
}
