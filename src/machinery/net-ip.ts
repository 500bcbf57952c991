import { goQuote } from './field-error.ts'
import type { Ip } from './ip.ts'

/**
 * Addresses and prefixes as Go's net/netip reads them: strictly, with its words for what is wrong. A mapped address
 * stays an IPv6 address.
 */
export interface NetAddress extends Ip {
  /** After the percent sign; '' for none. */
  readonly zone: string
}
export interface NetPrefix {
  /** As written: bits beyond the prefix may be set. */
  readonly address: NetAddress
  readonly bits: number
}

/** The message is Go's. */
export class NetIpError extends Error {
  override readonly name = 'NetIpError'
}

class AddressProblem {
  readonly what: string
  constructor(what: string, at?: string) {
    this.what = at ? `${what} (at ${goQuote(at)})` : what
  }
}

/** Throws NetIpError. */
export function parseNetAddress(text: string): NetAddress {
  try {
    const separator = /[.:%]/.exec(text)?.[0]
    if (separator === '.') return { family: 4, value: readV4(text), zone: '' }
    if (separator === ':') return readV6(text)
    throw new AddressProblem(separator === '%' ? 'missing IPv6 address' : 'unable to parse IP')
  } catch (error) {
    if (!(error instanceof AddressProblem)) throw error
    throw new NetIpError(`ParseAddr(${goQuote(text)}): ${error.what}`)
  }
}

/** Throws NetIpError. */
export function parseNetPrefix(text: string): NetPrefix {
  const fail = (what: string) => new NetIpError(`netip.ParsePrefix(${goQuote(text)}): ${what}`)
  const slash = text.lastIndexOf('/')
  if (slash < 0) throw fail("no '/'")
  let address: NetAddress
  try {
    address = parseNetAddress(text.slice(0, slash))
  } catch (error) {
    throw fail((error as Error).message)
  }
  if (address.zone !== '') throw fail('IPv6 zones cannot be present in a prefix')
  const digits = text.slice(slash + 1)
  if (!/^(\d|[1-9]\d+)$/.test(digits)) throw fail(`bad bits after slash: ${goQuote(digits)}`)
  const bits = Number(digits)
  if (bits > (address.family === 4 ? 32 : 128)) throw fail('prefix length out of range')
  return { address, bits }
}

function readV4(text: string): bigint {
  const fields: number[] = []
  let value = 0
  let digits = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!
    if (char >= '0' && char <= '9') {
      if (digits === 1 && value === 0) throw new AddressProblem('IPv4 field has octet with leading zero')
      value = value * 10 + Number(char)
      digits++
      if (value > 255) throw new AddressProblem('IPv4 field has value >255')
    } else if (char === '.') {
      if (at === 0 || at === text.length - 1 || text[at - 1] === '.')
        throw new AddressProblem('IPv4 field must have at least one digit', text.slice(at))
      if (fields.length === 3) throw new AddressProblem('IPv4 address too long')
      fields.push(value)
      value = 0
      digits = 0
    } else throw new AddressProblem('unexpected character', text.slice(at))
  }
  if (fields.length < 3) throw new AddressProblem('IPv4 address too short')
  return BigInt([...fields, value].reduce((sum, field) => sum * 256 + field, 0))
}

function readV6(text: string): NetAddress {
  const percent = text.indexOf('%')
  const zone = percent < 0 ? '' : text.slice(percent + 1)
  if (percent >= 0 && zone === '') throw new AddressProblem('zone must be a non-empty string')
  let rest = percent < 0 ? text : text.slice(0, percent)
  const groups: number[] = []
  let ellipsis = -1
  if (rest.startsWith('::')) {
    ellipsis = 0
    rest = rest.slice(2)
    if (rest === '') return { family: 6, value: 0n, zone }
  }
  while (groups.length < 8) {
    const hex = /^[0-9a-fA-F]*/.exec(rest)![0]
    if (hex.length > 4) throw new AddressProblem('each group must have 4 or less digits', rest)
    if (hex === '') throw new AddressProblem('each colon-separated field must have at least one digit', rest)
    if (rest[hex.length] === '.') {
      if (ellipsis < 0 && groups.length !== 6)
        throw new AddressProblem('embedded IPv4 address must replace the final 2 fields of the address', rest)
      if (groups.length + 2 > 8)
        throw new AddressProblem('too many hex fields to fit an embedded IPv4 at the end of the address', rest)
      const v4 = Number(readV4(rest))
      groups.push(Math.floor(v4 / 65536), v4 % 65536)
      rest = ''
      break
    }
    groups.push(Number.parseInt(hex, 16))
    rest = rest.slice(hex.length)
    if (rest === '') break
    if (rest[0] !== ':') throw new AddressProblem('unexpected character, want colon', rest)
    if (rest.length === 1) throw new AddressProblem('colon must be followed by more characters', rest)
    rest = rest.slice(1)
    if (rest[0] === ':') {
      if (ellipsis >= 0) throw new AddressProblem('multiple :: in address', rest)
      ellipsis = groups.length
      rest = rest.slice(1)
      if (rest === '') break
    }
  }
  if (rest !== '') throw new AddressProblem('trailing garbage after address', rest)
  if (groups.length < 8) {
    if (ellipsis < 0) throw new AddressProblem('address string too short')
    groups.splice(ellipsis, 0, ...Array<number>(8 - groups.length).fill(0))
  } else if (ellipsis >= 0) throw new AddressProblem('the :: must expand to at least one field of zeros')
  const value = groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n)
  return { family: 6, value, zone }
}

/** Whether an IPv6 address maps an IPv4 one. */
export const is4In6 = ({ family, value }: Ip): boolean => family === 6 && value >> 32n === 0xffffn

/** The first address of a prefix. */
export function maskedAddress({ address, bits }: NetPrefix): NetAddress {
  const host = BigInt((address.family === 4 ? 32 : 128) - bits)
  return { ...address, value: (address.value >> host) << host }
}

export function prefixHolds(prefix: NetPrefix, ip: Ip): boolean {
  const host = BigInt((prefix.address.family === 4 ? 32 : 128) - prefix.bits)
  return ip.family === prefix.address.family && ip.value >> host === prefix.address.value >> host
}
