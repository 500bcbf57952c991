import { bitsOf, type Cidr, formatCidr, parseCidr } from '../../machinery/ip.ts'

/** The subnets of a cluster's network, one for each node, given out in turn (nodeipam/ipam/cidrset). */
export class CidrPool {
  /** The whole network. */
  readonly cidr: string
  /** How many there are. */
  readonly size: number
  readonly #cluster: Cidr
  readonly #nodeBits: number
  #next = 0
  /** Networks of before, by their text: each is asked about with every node that comes. */
  readonly #known = new Map<string, readonly number[]>()

  /** Throws when the mask does not fit the network. */
  constructor(clusterCidr: string, nodeMaskSize: number) {
    const cluster = parseCidr(clusterCidr)
    if (cluster === undefined) throw new Error(`cluster CIDR ${clusterCidr} is not valid`)
    const bits = nodeMaskSize - cluster.prefix
    if (bits < 0 || nodeMaskSize > bitsOf(cluster.family)) {
      throw new Error(`node mask /${nodeMaskSize} does not fit into cluster CIDR ${clusterCidr}`)
    }
    if (bits > 16) throw new Error('New CIDR set failed; the node CIDR size is too big')
    this.cidr = formatCidr(cluster)
    this.#cluster = cluster
    this.#nodeBits = bitsOf(cluster.family) - nodeMaskSize
    this.size = 2 ** bits
  }
  /** A subnet that overlaps none of those in use, and how many were looked at; no `cidr` when all are taken. */
  allocate(used: Iterable<string>): {
    readonly cidr: string | undefined
    readonly tries: number
    readonly taken: number
  } {
    const taken = new Set<number>()
    for (const text of used) for (const index of this.#indexesOf(text)) taken.add(index)
    for (let tries = 0; tries < this.size; tries++) {
      const index = this.#next
      this.#next = (this.#next + 1) % this.size
      if (!taken.has(index)) return { cidr: this.#format(index), tries: tries + 1, taken: taken.size + 1 }
    }
    return { cidr: undefined, tries: this.size, taken: taken.size }
  }
  #format(index: number): string {
    const { family, value } = this.#cluster
    const prefix = bitsOf(family) - this.#nodeBits
    return formatCidr({ family, value: value | (BigInt(index) << BigInt(this.#nodeBits)), prefix })
  }
  #indexesOf(text: string): readonly number[] {
    let indexes = this.#known.get(text)
    if (indexes === undefined) this.#known.set(text, (indexes = this.#covered(text)))
    return indexes
  }
  #covered(text: string): number[] {
    const cidr = parseCidr(text)
    if (cidr === undefined || cidr.family !== this.#cluster.family) return []
    const shift = BigInt(this.#nodeBits)
    const size = 1n << BigInt(bitsOf(cidr.family) - cidr.prefix)
    const base = this.#cluster.value >> shift
    const first = (cidr.value >> shift) - base
    const last = ((cidr.value + size - 1n) >> shift) - base
    const indexes: number[] = []
    const end = last < BigInt(this.size) ? last : BigInt(this.size) - 1n
    for (let index = first < 0n ? 0n : first; index <= end; index++) indexes.push(Number(index))
    return indexes
  }
}
