import { readFileSync } from 'node:fs'

const usualMtu = 1500

/** The link of the IPv4 default route with the least metric, in the text of /proc/net/route (proc_net_route(5)). */
export function defaultLink(routes: string): string | undefined {
  return routes
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t').map((field) => field.trim()))
    .filter(([link, target, , , , , , mask]) => link && target === '00000000' && mask === '00000000')
    .toSorted((a, b) => Number(a[6]) - Number(b[6]))[0]?.[0]
}

/** The packet size that leaves this host in one piece: that of its default route's link, else Ethernet's. */
export function hostMtu(read = (path: string) => readFileSync(path, 'utf8')): number {
  try {
    const link = defaultLink(read('/proc/net/route'))
    const mtu = link === undefined ? Number.NaN : Number(read(`/sys/class/net/${link}/mtu`))
    return Number.isInteger(mtu) && mtu >= 576 ? Math.min(mtu, 65_535) : usualMtu
  } catch {
    return usualMtu
  }
}
