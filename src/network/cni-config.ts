import { familyOf } from '../machinery/ip.ts'

/** How pods of a node are wired. */
export interface CniSettings {
  /** The node's pod ranges, at most one of each family: `10.244.1.0/24`. */
  readonly podCidrs: readonly string[]
  readonly mtu: number
}

/** Must sort first in /etc/cni/net.d, since a runtime takes the first file. */
export const cniConfigName = '10-skiff.conflist'

/**
 * The text of a CNI network configuration list. `ptp` gives each pod a cable and a route of its own, so there is no bridge
 * whose traffic br_netfilter filters, and a pod that reaches itself through a service (hairpin) is routed like any other.
 * Leases are kept in /run: after a boot no pod is left that holds one.
 */
export function cniConfig({ podCidrs, mtu }: CniSettings): string {
  const defaultRoute = (cidr: string) => ({ dst: familyOf(cidr) === 6 ? '::/0' : '0.0.0.0/0' })
  const plugins = [
    {
      type: 'ptp',
      mtu,
      ipam: {
        type: 'host-local',
        dataDir: '/run/skiff/cni',
        ranges: podCidrs.map((subnet) => [{ subnet }]),
        routes: podCidrs.map(defaultRoute),
      },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ]
  return `${JSON.stringify({ cniVersion: '1.0.0', name: 'skiff', plugins }, null, 2)}\n`
}
