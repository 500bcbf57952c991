import { existsSync, readFileSync, realpathSync } from 'node:fs'

/** A file of a machine that stands in for the host's /etc/resolv.conf. */
export interface ResolvConf {
  /** Where it is mounted: what /etc/resolv.conf leads to. */
  readonly target: string
  readonly text: string
}

const ofSystemd = '/run/systemd/resolve/resolv.conf'

const nameServer = /^\s*nameserver\s+(\S+)/
const isLoopback = (address: string) => address.startsWith('127.') || address === '::1'

/**
 * What pods with dnsPolicy Default and programs of a machine are to read: the host's own file, unless that lies in /run,
 * which each machine has for itself, or names only resolvers on the host's loopback, which no machine can reach – then
 * those that systemd-resolved asks itself. Undefined: the host's file will do.
 */
export function planResolvConf(host: {
  readonly target: string
  readonly text: string
  readonly systemd: string | undefined
}): ResolvConf | undefined {
  const { target, text, systemd } = host
  const servers = text.split('\n').flatMap((line) => nameServer.exec(line)?.[1] ?? [])
  const reachable = servers.some((server) => !isLoopback(server)) || systemd === undefined
  if (reachable) return target.startsWith('/run/') ? { target, text } : undefined
  const own = systemd.split('\n').filter((line) => nameServer.test(line))
  const rest = text.split('\n').filter((line) => !nameServer.test(line) && line.trim() !== '')
  return { target, text: [...rest, ...own, ''].join('\n') }
}

export function readResolvConf(): ResolvConf | undefined {
  if (!existsSync('/etc/resolv.conf')) return undefined
  return planResolvConf({
    target: realpathSync('/etc/resolv.conf'),
    text: readFileSync('/etc/resolv.conf', 'utf8'),
    systemd: existsSync(ofSystemd) ? readFileSync(ofSystemd, 'utf8') : undefined,
  })
}
