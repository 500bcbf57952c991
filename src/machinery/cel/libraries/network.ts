import { goQuote } from '../../field-error.ts'
import { formatIp } from '../../ip.ts'
import {
  is4In6,
  maskedAddress,
  type NetAddress,
  NetIpError,
  type NetPrefix,
  parseNetAddress,
  parseNetPrefix,
  prefixHolds,
} from '../../net-ip.ts'
import type { Library } from '../environment.ts'
import { memberOverload, overload } from '../function.ts'
import { boolType, intType, stringType } from '../type.ts'
import { CelError, noSuchOverload, type Value } from '../value.ts'
import { CidrValue, cidrType, IpValue, ipType } from './kubernetes-values.ts'

const mapped = (text: string) => new CelError(`IPv4-mapped IPv6 address ${goQuote(text)} is not allowed`)

function ip(text: string): IpValue | CelError {
  let address: NetAddress
  try {
    address = parseNetAddress(text)
  } catch (error) {
    if (!(error instanceof NetIpError)) throw error
    return new CelError(`IP Address ${goQuote(text)} parse error during conversion from string: ${error.message}`)
  }
  if (address.zone !== '') return new CelError(`IP address ${goQuote(text)} with zone value is not allowed`)
  return is4In6(address) ? mapped(text) : new IpValue(address)
}

function cidr(text: string): CidrValue | CelError {
  const failed = (why: string) => new CelError(`network address parse error during conversion from string: ${why}`)
  let prefix: NetPrefix
  try {
    prefix = parseNetPrefix(text)
  } catch (error) {
    if (!(error instanceof NetIpError)) throw error
    return failed(`network address parse error during conversion from string: ${error.message}`)
  }
  return is4In6(prefix.address) ? failed(mapped(text).message) : new CidrValue(prefix)
}

function containsIp(of: CidrValue, address: IpValue | CelError): Value {
  // Upstream loses the error of the text here.
  return address instanceof CelError ? noSuchOverload : prefixHolds(of.prefix, address.ip)
}
function containsCidr(of: CidrValue, other: CidrValue | CelError): Value {
  if (other instanceof CelError) return other
  return of.prefix.bits <= other.prefix.bits && prefixHolds(of.prefix, other.prefix.address)
}

const ipPredicate = (name: string, id: string, holds: (value: IpValue['ip']) => boolean) => ({
  name,
  overloads: [memberOverload(id, [ipType], boolType, (of: IpValue) => holds(of.ip))],
})
type Ip = IpValue['ip']
const isLoopback = ({ family, value }: Ip) => (family === 4 ? value >> 24n === 127n : value === 1n)
const isUnspecified = ({ value }: Ip) => value === 0n
const isLinkLocalUnicast = ({ family, value }: Ip) =>
  family === 4 ? value >> 16n === 0xa9fen : value >> 118n === 0xfe80n >> 6n
const isLinkLocalMulticast = ({ family, value }: Ip) =>
  family === 4 ? value >> 8n === 0xe00000n : ((value >> 112n) & 0xff0fn) === 0xff02n
const isMulticast = ({ family, value }: Ip) => (family === 4 ? value >> 28n === 0xen : value >> 120n === 0xffn)
/** As net/netip: private addresses are global unicast, the broadcast address is not. */
const isGlobalUnicast = (of: Ip) =>
  !isUnspecified(of) &&
  !(of.family === 4 && of.value === 0xffffffffn) &&
  !isLoopback(of) &&
  !isMulticast(of) &&
  !isLinkLocalUnicast(of)

/** apiserver pkg/cel/library/ip.go. */
export const ipLibrary: Library = {
  types: [ipType],
  functions: [
    { name: 'ip', overloads: [overload('string_to_ip', [stringType], ipType, ip)] },
    {
      name: 'family',
      overloads: [memberOverload('ip_family', [ipType], intType, (of: IpValue) => BigInt(of.ip.family))],
    },
    {
      name: 'ip.isCanonical',
      overloads: [
        overload('ip_is_canonical', [stringType], boolType, (text: string) => {
          const address = ip(text)
          return address instanceof CelError ? address : formatIp(address.ip) === text
        }),
      ],
    },
    ipPredicate('isUnspecified', 'ip_is_unspecified', isUnspecified),
    ipPredicate('isLoopback', 'ip_is_loopback', isLoopback),
    ipPredicate('isLinkLocalMulticast', 'ip_is_link_local_multicast', isLinkLocalMulticast),
    ipPredicate('isLinkLocalUnicast', 'ip_is_link_local_unicast', isLinkLocalUnicast),
    ipPredicate('isGlobalUnicast', 'ip_is_global_unicast', isGlobalUnicast),
    {
      name: 'isIP',
      overloads: [overload('is_ip', [stringType], boolType, (text: string) => ip(text) instanceof IpValue)],
    },
    {
      name: 'string',
      overloads: [overload('ip_to_string', [ipType], stringType, (of: IpValue) => of.toText())],
    },
  ],
}

/** apiserver pkg/cel/library/cidr.go. */
export const cidrLibrary: Library = {
  types: [cidrType],
  functions: [
    { name: 'cidr', overloads: [overload('string_to_cidr', [stringType], cidrType, cidr)] },
    {
      name: 'containsIP',
      overloads: [
        memberOverload('cidr_contains_ip_string', [cidrType, stringType], boolType, (of: CidrValue, text: string) =>
          containsIp(of, ip(text)),
        ),
        memberOverload('cidr_contains_ip_ip', [cidrType, ipType], boolType, containsIp),
      ],
    },
    {
      name: 'containsCIDR',
      overloads: [
        memberOverload('cidr_contains_cidr_string', [cidrType, stringType], boolType, (of: CidrValue, text: string) =>
          containsCidr(of, cidr(text)),
        ),
        memberOverload('cidr_contains_cidr', [cidrType, cidrType], boolType, containsCidr),
      ],
    },
    {
      name: 'ip',
      overloads: [memberOverload('cidr_ip', [cidrType], ipType, (of: CidrValue) => new IpValue(of.prefix.address))],
    },
    {
      name: 'prefixLength',
      overloads: [memberOverload('cidr_prefix_length', [cidrType], intType, (of: CidrValue) => BigInt(of.prefix.bits))],
    },
    {
      name: 'masked',
      overloads: [
        memberOverload(
          'cidr_masked',
          [cidrType],
          cidrType,
          ({ prefix }: CidrValue) => new CidrValue({ ...prefix, address: maskedAddress(prefix) }),
        ),
      ],
    },
    {
      name: 'isCIDR',
      overloads: [overload('is_cidr', [stringType], boolType, (text: string) => cidr(text) instanceof CidrValue)],
    },
    {
      name: 'string',
      overloads: [overload('cidr_to_string', [cidrType], stringType, (of: CidrValue) => of.toText())],
    },
  ],
}
