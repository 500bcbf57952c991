import {
  cidrContains,
  formatIp,
  parseCidr,
  parseIp,
  type Cidr,
  type IpAddress,
} from '../../../machinery/validation/ip-address.ts'

export type IpFamily = 'IPv4' | 'IPv6'

/**
 * The addresses of a service range, as numbers: the lower part is kept for addresses that people choose, the upper one is
 * given out (pkg/registry/core/service/ipallocator/ipallocator.go).
 */
export class AddressRange {
  readonly text: string
  readonly family: IpFamily
  readonly #cidr: Cidr
  readonly #first: bigint
  readonly #last: bigint
  readonly #offset: bigint

  /** Throws when `text` is no CIDR. */
  constructor(text: string) {
    const cidr = parseCidr(text)
    if (cidr === undefined) throw new Error(`invalid CIDR address: ${text}`)
    this.#cidr = cidr
    this.text = text
    const { bytes, isV4 } = cidr.network
    this.family = isV4 ? 'IPv4' : 'IPv6'
    const hostBits = BigInt((isV4 ? 32 : 128) - cidr.prefixLength)
    const network = numberOf(bytes)
    this.#first = network + 1n
    // The broadcast address of IPv4 is nobody's.
    this.#last = network + (1n << hostBits) - (this.family === 'IPv4' ? 2n : 1n)
    this.#offset = rangeOffset(1n << hostBits)
  }

  /** The first address: that of the `kubernetes` service. */
  get first(): string {
    return textOf(this.#first, this.family === 'IPv4')
  }

  /** How many addresses can be given out. */
  get size(): number {
    return Math.max(0, Number(this.#last - this.#first) + 1)
  }
  contains(address: IpAddress): boolean {
    return cidrContains(this.#cidr, address)
  }

  /** Whether a service may have the address: neither the network's nor the broadcast one. */
  usable(address: IpAddress): boolean {
    const value = numberOf(address.bytes)
    return this.contains(address) && value >= this.#first && value <= this.#last
  }

  /** Every address once: those given out from a random one on, then the lower ones likewise. `random`: in [0, 1). */
  *candidates(random: () => number): Generator<string> {
    const middle = this.#first + this.#offset
    yield* this.#round(middle, this.#last, random)
    if (this.#offset > 0n) yield* this.#round(this.#first, middle - 1n, random)
  }

  *#round(from: bigint, to: bigint, random: () => number): Generator<string> {
    const size = to - from + 1n
    if (size <= 0n) return
    const start = BigInt(Math.floor(random() * Number(size < 1n << 48n ? size : 1n << 48n)))
    for (let step = 0n; step < size; step++) {
      yield textOf(from + ((start + step) % size), this.family === 'IPv4')
    }
  }
}

/** `min(max(16, size/16), 256)`; nothing for tiny ranges. */
function rangeOffset(size: bigint): bigint {
  if (size <= 16n) return 0n
  const offset = size / 16n
  return offset < 16n ? 16n : offset > 256n ? 256n : offset
}

/** Addresses are sixteen bytes; those of IPv4 are mapped. */
function numberOf(bytes: Uint8Array): bigint {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return value
}

function textOf(value: bigint, isV4: boolean): string {
  const bytes = new Uint8Array(16)
  let rest = value
  for (let i = 15; i >= 0; i--) {
    bytes[i] = Number(rest & 0xffn)
    rest >>= 8n
  }
  return formatIp({ bytes, isV4, is4In6: false, leadingZeros: false })
}

export function familyOf(address: string): IpFamily {
  return parseIp(address)?.isV4 === true ? 'IPv4' : 'IPv6'
}
