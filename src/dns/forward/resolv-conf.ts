import { existsSync, readFileSync } from 'node:fs'
import { parseIp } from '../../machinery/ip.ts'

/** The name servers of a resolv.conf (resolv.conf(5)), in order, each once. */
export function parseNameServers(text: string): string[] {
  const found = text.split('\n').flatMap((line) => {
    const [keyword, address = ''] = line.trim().split(/\s+/)
    // A zone, as in fe80::1%eth0, is kept: it is part of a link-local address.
    return keyword === 'nameserver' && parseIp(address.split('%')[0] ?? '') !== undefined ? [address] : []
  })
  return [...new Set(found)]
}

export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1'
}

/**
 * The name servers that a node can ask. A resolver on the host's own loopback cannot be reached from a node's network
 * namespace; systemd-resolved's tells elsewhere whom it asks.
 */
export function nodeNameServers(
  files: readonly string[] = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'],
): string[] {
  for (const file of files) {
    if (!existsSync(file)) continue
    const servers = parseNameServers(readFileSync(file, 'utf8')).filter((address) => !isLoopback(address))
    if (servers.length > 0) return servers
  }
  return []
}
