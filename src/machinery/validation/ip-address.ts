/**
 * IP addresses and CIDRs as Go reads and prints them: leniently (k8s.io/utils/net ParseIPSloppy: leading zeros allowed)
 * and strictly (net/netip). Upstream's API still takes the lenient form where it once did.
 */
export interface IpAddress {
  /** 16 bytes; an IPv4 address is mapped (`::ffff:a.b.c.d`). */
  readonly bytes: Uint8Array
  /** IPv4, also when written as a mapped IPv6 address. */
  readonly isV4: boolean
  /** Written as an IPv6 address that maps an IPv4 one. */
  readonly is4In6: boolean
  /** Some number has more digits than it needs, which net/netip refuses. */
  readonly leadingZeros: boolean
}

export interface Cidr {
  readonly address: IpAddress
  /** The address with the bits beyond the prefix cleared. */
  readonly network: IpAddress
  readonly prefixLength: number
  readonly leadingZeros: boolean
}

function parseV4(text: string): { octets: number[]; leadingZeros: boolean } | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  const octets: number[] = []
  for (const part of parts) {
    const value = /^[0-9]+$/.test(part) ? Number(part) : 256
    if (value > 255) return undefined
    octets.push(value)
  }
  return { octets, leadingZeros: parts.some((part) => part.length > 1 && part.startsWith('0')) }
}

function parseV6(text: string): IpAddress | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  let leadingZeros = false
  const groupsOf = (part: string, isLast: boolean): number[] | undefined => {
    if (part === '') return []
    const groups: number[] = []
    const pieces = part.split(':')
    for (const [index, piece] of pieces.entries()) {
      if (isLast && index === pieces.length - 1 && piece.includes('.')) {
        const v4 = parseV4(piece)
        if (v4 === undefined) return undefined
        leadingZeros ||= v4.leadingZeros
        groups.push(v4.octets[0]! * 256 + v4.octets[1]!, v4.octets[2]! * 256 + v4.octets[3]!)
        continue
      }
      if (!/^[0-9a-fA-F]+$/.test(piece)) return undefined
      const value = Number.parseInt(piece, 16)
      if (value > 0xffff) return undefined
      if (piece.length > 4) leadingZeros = true
      groups.push(value)
    }
    return groups
  }
  const head = groupsOf(halves[0]!, halves.length === 1)
  const tail = halves.length === 2 ? groupsOf(halves[1]!, true) : []
  if (head === undefined || tail === undefined) return undefined
  const count = head.length + tail.length
  if (halves.length === 1 ? count !== 8 : count > 7) return undefined
  const groups = [...head, ...Array<number>(8 - count).fill(0), ...tail]
  const bytes = Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]))
  const mapped = isMapped(bytes)
  return { bytes, isV4: mapped, is4In6: mapped, leadingZeros }
}

function isMapped(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff
}

/** undefined: no address, even leniently read. */
export function parseIp(text: string): IpAddress | undefined {
  const separator = /[.:]/.exec(text)?.[0]
  if (separator === ':') return parseV6(text)
  const v4 = separator === '.' ? parseV4(text) : undefined
  if (v4 === undefined) return undefined
  const bytes = Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...v4.octets])
  return { bytes, isV4: true, is4In6: false, leadingZeros: v4.leadingZeros }
}

/** As Go's net.IP prints it: mapped addresses as IPv4, IPv6 after RFC 5952. */
export function formatIp(address: IpAddress): string {
  const { bytes } = address
  if (address.isV4) return bytes.subarray(12).join('.')
  return formatV6(Array.from({ length: 8 }, (_, index) => bytes[index * 2]! * 256 + bytes[index * 2 + 1]!))
}

function formatV6(groups: readonly number[]): string {
  let best = { start: -1, length: 1 }
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (start + length < 8 && groups[start + length] === 0) length++
    if (length > best.length) best = { start, length }
  }
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':')
  if (best.start < 0) return hex(groups)
  return `${hex(groups.slice(0, best.start))}::${hex(groups.slice(best.start + best.length))}`
}

/** As net/netip prints it: a mapped address keeps its form (`::ffff:1.2.3.4`). */
export function formatIpExactly(address: IpAddress): string {
  return address.is4In6 ? `::ffff:${address.bytes.subarray(12).join('.')}` : formatIp(address)
}

/** undefined: no CIDR, even leniently read. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/')
  if (slash < 0) return undefined
  const address = parseIp(text.slice(0, slash))
  const digits = text.slice(slash + 1)
  if (address === undefined || !/^[0-9]+$/.test(digits)) return undefined
  // A mapped address is read with IPv6's prefix lengths, as in Go.
  const isV6Form = !address.isV4 || address.is4In6
  const prefixLength = Number(digits)
  if (prefixLength > (isV6Form ? 128 : 32)) return undefined
  const kept = isV6Form ? prefixLength : prefixLength + 96
  const bytes = address.bytes.map((byte, index) => {
    const bits = Math.max(0, Math.min(8, kept - index * 8))
    return byte & (0xff << (8 - bits))
  })
  const mapped = isMapped(bytes)
  const network = { bytes, isV4: mapped, is4In6: mapped && isV6Form, leadingZeros: false }
  const leadingZeros = address.leadingZeros || (digits.length > 1 && digits.startsWith('0'))
  return { address, network, prefixLength, leadingZeros }
}

/** As Go's net.IPNet prints it. */
export function formatCidr(cidr: Cidr): string {
  const { network, prefixLength } = cidr
  const length = network.isV4 && network.is4In6 ? Math.max(0, prefixLength - 96) : prefixLength
  return `${formatIp(network)}/${length}`
}

/** Whether the network holds the address; families do not mix. */
export function cidrContains(cidr: Cidr, address: IpAddress): boolean {
  if (cidr.network.isV4 !== address.isV4) return false
  const kept = cidr.network.isV4 && !cidr.network.is4In6 ? cidr.prefixLength + 96 : cidr.prefixLength
  return cidr.network.bytes.every((byte, index) => {
    const bits = Math.max(0, Math.min(8, kept - index * 8))
    return byte === (address.bytes[index]! & (0xff << (8 - bits)) & 0xff)
  })
}
