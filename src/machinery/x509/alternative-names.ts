import { isIPv4, isIPv6 } from 'node:net'
import { childrenOf, DerError, type DerElement, der } from './der.ts'

/** Subject alternative names (RFC 5280, 4.2.1.6), in the four forms that Kubernetes uses. */
export interface AlternativeNames {
  readonly dnsNames: readonly string[]
  /** Textual, e.g. `10.0.0.1` or `::1`. */
  readonly ipAddresses: readonly string[]
  readonly emailAddresses: readonly string[]
  readonly uris: readonly string[]
}

export const noAlternativeNames: AlternativeNames = { dnsNames: [], ipAddresses: [], emailAddresses: [], uris: [] }

/** Sorts hosts into names and addresses. */
export function alternativeNamesOf(hosts: readonly string[]): AlternativeNames {
  const isAddress = (host: string) => isIPv4(host) || isIPv6(host)
  return {
    ...noAlternativeNames,
    dnsNames: hosts.filter((host) => !isAddress(host)),
    ipAddresses: hosts.filter(isAddress),
  }
}

export function encodeAlternativeNames(names: AlternativeNames): Buffer {
  const text = (number: number) => (value: string) => der.implicit(number, Buffer.from(value, 'utf8'))
  return der.sequence(
    ...names.dnsNames.map(text(2)),
    ...names.emailAddresses.map(text(1)),
    ...names.ipAddresses.map((address) => der.implicit(7, addressBytes(address))),
    ...names.uris.map(text(6)),
  )
}

export function readAlternativeNames(sequence: DerElement): AlternativeNames {
  const dnsNames: string[] = []
  const ipAddresses: string[] = []
  const emailAddresses: string[] = []
  const uris: string[] = []
  for (const { tag, content } of childrenOf(sequence)) {
    if (tag === 0x82) dnsNames.push(content.toString('latin1'))
    else if (tag === 0x87) ipAddresses.push(addressText(content))
    else if (tag === 0x81) emailAddresses.push(content.toString('latin1'))
    else if (tag === 0x86) uris.push(content.toString('latin1'))
  }
  return { dnsNames, ipAddresses, emailAddresses, uris }
}

function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number))
  // The URL parser expands every form of an IPv6 address to groups of hex digits.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)))
  const left = groups(head)
  const right = tail === undefined ? [] : groups(tail)
  const all = [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right]
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]))
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return [...bytes].join('.')
  if (bytes.length !== 16) throw new DerError('malformed IP address')
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16))
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}
