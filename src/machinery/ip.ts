import { isIPv4, isIPv6 } from 'node:net'

/** An address as a number, so that ranges are arithmetic. */
export interface Ip {
  readonly family: 4 | 6
  readonly value: bigint
}
/** A range; `value` is its first address. */
export interface Cidr extends Ip {
  readonly prefix: number
}

export const bitsOf = (family: 4 | 6): number => (family === 4 ? 32 : 128)

function parseIpv6(text: string): bigint {
  const dots = text.lastIndexOf(':')
  const tail = text.slice(dots + 1)
  // ::ffff:10.0.0.1 – the last 32 bits in dotted form
  const hex = tail.includes('.') ? text.slice(0, dots + 1) + dottedToGroups(tail) : text
  const [left = '', right] = hex.split('::')
  const head = left === '' ? [] : left.split(':')
  const rest = right === undefined || right === '' ? [] : right.split(':')
  const zeros = right === undefined ? 0 : 8 - head.length - rest.length
  return [...head, ...Array<string>(zeros).fill('0'), ...rest].reduce(
    (value, group) => (value << 16n) | BigInt(`0x${group}`),
    0n,
  )
}
function dottedToGroups(text: string): string {
  const value = Number(parseIpv4(text))
  return `${(value >>> 16).toString(16)}:${(value & 0xffff).toString(16)}`
}
function parseIpv4(text: string): bigint {
  return BigInt(text.split('.').reduce((value, byte) => value * 256 + Number(byte), 0))
}

/** Undefined for anything that is no address; an IPv4 address mapped into IPv6 is IPv4, as in Go. */
export function parseIp(text: string): Ip | undefined {
  if (isIPv4(text)) return { family: 4, value: parseIpv4(text) }
  if (!isIPv6(text) || text.includes('%')) return undefined
  const value = parseIpv6(text)
  return value >> 32n === 0xffffn ? { family: 4, value: value & 0xffffffffn } : { family: 6, value }
}

/** The canonical form (RFC 5952). */
export function formatIp({ family, value }: Ip): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.')
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16))
  let best = { start: 0, length: 1 }
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (groups[start + length] === '0') length++
    if (length > best.length) best = { start, length }
  }
  if (best.length === 1) return groups.join(':')
  return `${groups.slice(0, best.start).join(':')}::${groups.slice(best.start + best.length).join(':')}`
}

/** The range that `10.0.0.7/24` lies in; undefined for anything else. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/')
  const ip = parseIp(text.slice(0, Math.max(slash, 0)))
  const prefix = text.slice(slash + 1)
  if (ip === undefined || !/^(0|[1-9]\d{0,2})$/.test(prefix) || Number(prefix) > bitsOf(ip.family)) return undefined
  const host = BigInt(bitsOf(ip.family) - Number(prefix))
  return { family: ip.family, value: (ip.value >> host) << host, prefix: Number(prefix) }
}

export function formatCidr(cidr: Cidr): string {
  return `${formatIp(cidr)}/${cidr.prefix}`
}

/** How many addresses a range holds. */
export function sizeOf(cidr: Cidr): bigint {
  return 1n << BigInt(bitsOf(cidr.family) - cidr.prefix)
}

export function contains(cidr: Cidr, ip: Ip): boolean {
  return ip.family === cidr.family && ip.value >= cidr.value && ip.value < cidr.value + sizeOf(cidr)
}

/** The n-th address of a range, 0 being its first. Throws a RangeError beyond its end. */
export function nthAddress(cidr: Cidr, n: number | bigint): Ip {
  if (BigInt(n) < 0n || BigInt(n) >= sizeOf(cidr)) throw new RangeError(`${formatCidr(cidr)} has no address ${n}`)
  return { family: cidr.family, value: cidr.value + BigInt(n) }
}

export const isIpv6Text = (text: string): boolean => text.includes(':')
export const familyOf = (text: string): 4 | 6 => (isIpv6Text(text) ? 6 : 4)

/** Parses text that is known to be an address. Throws a TypeError otherwise. */
export function mustParseIp(text: string): Ip {
  const ip = parseIp(text)
  if (ip === undefined) throw new TypeError(`not an IP address: ${text}`)
  return ip
}
export function mustParseCidr(text: string): Cidr {
  const cidr = parseCidr(text)
  if (cidr === undefined) throw new TypeError(`not a range of IP addresses: ${text}`)
  return cidr
}
