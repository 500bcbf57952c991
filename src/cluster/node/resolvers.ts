import { readFileSync } from 'node:fs'

/** The name servers of a resolv.conf, without those that a machine of its own cannot reach (loopback). */
export function nameServers(text: string): string[] {
  return text
    .split('\n')
    .map((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1])
    .filter((server): server is string => server !== undefined && !/^(127\.|::1$)/.test(server))
}

/** The host's name servers; behind systemd-resolved those that it asks itself. */
export function hostNameServers(): string[] {
  for (const path of ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf']) {
    try {
      const servers = nameServers(readFileSync(path, 'utf8'))
      if (servers.length > 0) return servers
    } catch {
      // The next file may be there.
    }
  }
  return []
}
