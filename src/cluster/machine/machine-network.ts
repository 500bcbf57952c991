import { familyOf, formatIp, isIpv6Text, mustParseCidr, nthAddress } from '../../machinery/ip.ts'

/** The wire that the machines of one cluster and the host share: a bridge, with the host at the first address of each range. */
export interface MachineNetwork {
  /** The bridge's name, at most 15 characters, one for each cluster: `skiff0`. */
  readonly bridge: string
  /** One range, or one of each family: `10.89.0.0/24`. */
  readonly subnets: readonly string[]
  readonly mtu: number
}

const maxLinkName = 15

/** The host's address in each range, without prefix. */
export function gateways(network: MachineNetwork): string[] {
  return network.subnets.map((subnet) => formatIp(nthAddress(mustParseCidr(subnet), 1)))
}

/** `10.89.0.11/24`: an address with its range's prefix. Throws a RangeError when it lies in none of the ranges. */
export function withPrefix(network: MachineNetwork, address: string): string {
  const subnet = network.subnets.find((range) => familyOf(range) === familyOf(address))
  if (subnet === undefined) throw new RangeError(`${address} lies in no range of ${network.bridge}`)
  return `${address}/${mustParseCidr(subnet).prefix}`
}

/** Throws a RangeError in a user's words. */
export function checkNetwork(network: MachineNetwork): void {
  if (!/^[a-zA-Z0-9_.-]{1,15}$/.test(network.bridge)) {
    throw new RangeError(
      `"${network.bridge}" cannot name a bridge: 1 to ${maxLinkName} letters, digits, ".", "_" or "-"`,
    )
  }
  for (const subnet of network.subnets) {
    if (mustParseCidr(subnet).prefix > (isIpv6Text(subnet) ? 120 : 28)) {
      throw new RangeError(`the range ${subnet} of ${network.bridge} is too small for nodes`)
    }
  }
}

/** The host's end of a machine's cable; short enough for the kernel, the same each time, unlike that of any other machine. */
export function cableName(bridge: string, machine: string): string {
  const plain = `${bridge}-${machine}`
  if (plain.length <= maxLinkName) return plain
  const hash = Buffer.from(plain).reduce((sum, byte) => (Math.imul(sum, 31) + byte) >>> 0, 7)
  return `${bridge.slice(0, 6)}-${hash.toString(16).padStart(8, '0')}`
}

/** For `ip -batch -`, when the bridge is not there. IPv6 addresses are usable at once (no duplicate detection). */
export function bridgeBatch(network: MachineNetwork): string {
  return lines([
    `link add ${network.bridge} mtu ${network.mtu} type bridge`,
    ...gateways(network).map((gateway) => addAddress(withPrefix(network, gateway), network.bridge)),
    `link set ${network.bridge} up`,
  ])
}

/** For `ip -batch -` on the host: a cable from the bridge to `eth0` in the machine whose first process is `pid`. */
export function cableBatch(network: MachineNetwork, machine: string, pid: number): string {
  const cable = cableName(network.bridge, machine)
  return lines([
    `link add ${cable} mtu ${network.mtu} type veth peer name eth0 mtu ${network.mtu} netns ${pid}`,
    `link set ${cable} master ${network.bridge} up`,
  ])
}

/** For `ip -batch -` inside the machine. */
export function insideBatch(network: MachineNetwork, addresses: readonly string[]): string {
  return lines([
    'link set lo up',
    ...addresses.map((address) => addAddress(withPrefix(network, address), 'eth0')),
    'link set eth0 up',
    ...gateways(network)
      .filter((gateway) => addresses.some((address) => familyOf(address) === familyOf(gateway)))
      .map((gateway) => `route replace ${isIpv6Text(gateway) ? '::/0' : '0.0.0.0/0'} via ${gateway}`),
  ])
}

/**
 * The host's rules, an own table per bridge: what leaves the machines' range for elsewhere takes the host's address.
 * The empty add makes the delete safe, so that the text can be loaded again.
 */
export function hostRules(network: MachineNetwork): string {
  return network.subnets
    .map((subnet) => {
      const ip = isIpv6Text(subnet) ? 'ip6' : 'ip'
      return lines([
        `add table ${ip} ${network.bridge}`,
        `delete table ${ip} ${network.bridge}`,
        `add table ${ip} ${network.bridge}`,
        `add chain ${ip} ${network.bridge} postrouting { type nat hook postrouting priority srcnat; }`,
        `add rule ${ip} ${network.bridge} postrouting ${ip} saddr ${subnet} ${ip} daddr != ${subnet} oifname != "${network.bridge}" masquerade`,
      ])
    })
    .join('')
}

export function deleteHostRules(network: MachineNetwork): string {
  return network.subnets
    .map((subnet) => (isIpv6Text(subnet) ? 'ip6' : 'ip'))
    .map((ip) => lines([`add table ${ip} ${network.bridge}`, `delete table ${ip} ${network.bridge}`]))
    .join('')
}

function addAddress(cidr: string, link: string): string {
  return isIpv6Text(cidr) ? `address add ${cidr} dev ${link} nodad` : `address add ${cidr} dev ${link}`
}
function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('')
}
