import { bitsOf, type Cidr, formatCidr, parseCidr } from '../../machinery/ip.ts'

/** The subnets of a cluster's network, one for each node, given out in turn (nodeipam/ipam/cidrset). */
export class CidrPool {
  /** The whole network. */
  readonly cidr: string
  /** How many there are. */
  readonly size: number
  readonly #cluster: Cidr
  readonly #nodeBits: number
  /** How often each is in use. */
  readonly #uses: Uint32Array
  #taken = 0
  #next = 0

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
    this.#uses = new Uint32Array(this.size)
  }

  /** How many of them are in use, wholly or in part. */
  get taken(): number {
    return this.#taken
  }

  /** A network is in use, of whatever size; it may be several times. Others than the pool's do not matter. */
  occupy(cidr: string): void {
    for (const index of this.#covered(cidr)) if (this.#uses[index]!++ === 0) this.#taken++
  }

  /** One use of a network has ended. */
  release(cidr: string): void {
    for (const index of this.#covered(cidr)) if (--this.#uses[index]! === 0) this.#taken--
  }

  /** The next subnet that is not in use, and how many were looked at; no `cidr` when all are. It is not occupied by this. */
  next(): { readonly cidr: string | undefined; readonly tries: number } {
    for (let tries = 1; tries <= this.size; tries++) {
      const index = this.#next
      this.#next = (this.#next + 1) % this.size
      if (this.#uses[index] === 0) return { cidr: this.#format(index), tries }
    }
    return { cidr: undefined, tries: this.size }
  }

  #format(index: number): string {
    const { family, value } = this.#cluster
    const prefix = bitsOf(family) - this.#nodeBits
    return formatCidr({ family, value: value | (BigInt(index) << BigInt(this.#nodeBits)), prefix })
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
