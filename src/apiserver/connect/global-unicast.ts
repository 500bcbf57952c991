import { BlockList, isIP } from 'node:net'

/**
 * Addresses that a proxy must not be sent to: loopback, link-local (clouds' metadata services live there), multicast,
 * unspecified, broadcast (security.md: request forgery through proxy; closes CVE-2020-8562 by checking the very address that is dialled).
 */
const denied = new BlockList()
denied.addSubnet('127.0.0.0', 8, 'ipv4')
denied.addSubnet('169.254.0.0', 16, 'ipv4')
denied.addSubnet('224.0.0.0', 4, 'ipv4')
denied.addSubnet('0.0.0.0', 8, 'ipv4')
denied.addAddress('255.255.255.255', 'ipv4')
denied.addAddress('::', 'ipv6')
denied.addAddress('::1', 'ipv6')
denied.addSubnet('fe80::', 10, 'ipv6')
denied.addSubnet('ff00::', 8, 'ipv6')
denied.addSubnet('::ffff:127.0.0.0', 104, 'ipv6')
denied.addSubnet('::ffff:169.254.0.0', 112, 'ipv6')

/** Whether the text is an address that may be dialled for somebody else. */
export function isGlobalUnicast(address: string): boolean {
  const family = isIP(address)
  return family !== 0 && !denied.check(address, family === 6 ? 'ipv6' : 'ipv4')
}
