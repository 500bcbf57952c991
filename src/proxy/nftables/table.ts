import { type ElementSet, masqueradeMark } from './fragment.ts'

export interface TableOptions {
  readonly family: 4 | 6
  /** The table's name, e.g. `skiff-proxy`: everything is in it, so deleting it removes every trace. */
  readonly name: string
  /** Pods' ranges; traffic to cluster IPs from elsewhere is masqueraded, for the answer must come back this way. */
  readonly podCidrs: readonly string[]
  /** Service addresses: those that no service has are dropped rather than sent out into the world. */
  readonly serviceCidrs: readonly string[]
  /** Also serve NodePorts on 127.0.0.1, by this link, which needs `route_localnet`. IPv4 only. */
  readonly localhostLink?: string
}

interface BaseChain {
  readonly name: string
  readonly spec: string
}

/** Chains on netfilter's hooks; -100 is dstnat, a name that nft takes in some hooks only (the model is explained in upstream's pkg/proxy/nftables/README.md). */
const baseChains: readonly BaseChain[] = [
  { name: 'filter-prerouting-pre-dnat', spec: 'type filter hook prerouting priority -110;' },
  { name: 'filter-output-pre-dnat', spec: 'type filter hook output priority -110;' },
  { name: 'filter-input', spec: 'type filter hook input priority 0;' },
  { name: 'filter-forward', spec: 'type filter hook forward priority 0;' },
  { name: 'filter-output', spec: 'type filter hook output priority 0;' },
  { name: 'nat-prerouting', spec: 'type nat hook prerouting priority -100;' },
  { name: 'nat-output', spec: 'type nat hook output priority -100;' },
  { name: 'nat-postrouting', spec: 'type nat hook postrouting priority 100;' },
]
const guardChain: BaseChain = { name: 'filter-prerouting-raw', spec: 'type filter hook prerouting priority -300;' }

const plainChains = [
  'nodeport-endpoints-check',
  'service-endpoints-check',
  'firewall-check',
  'services',
  'masquerading',
  'cluster-ips-check',
  'reject-chain',
]

/** Type of each set (`set`) or map (`map`) of elements. */
export function elementSets(family: 4 | 6): Readonly<Record<ElementSet, { kind: 'set' | 'map'; type: string }>> {
  const address = `ipv${family}_addr`
  const at = `${address} . inet_proto . inet_service`
  return {
    'cluster-ips': { kind: 'set', type: address },
    'service-ips': { kind: 'map', type: `${at} : verdict` },
    'service-nodeports': { kind: 'map', type: 'inet_proto . inet_service : verdict' },
    'no-endpoint-services': { kind: 'map', type: `${at} : verdict` },
    'no-endpoint-nodeports': { kind: 'map', type: 'inet_proto . inet_service : verdict' },
    'firewall-ips': { kind: 'map', type: `${at} : verdict` },
    'hairpin-connections': { kind: 'set', type: `${address} . ${at}` },
  }
}

/** What is in the table already, before a full load: names only. */
export interface ExistingTable {
  readonly chains: readonly string[]
  readonly sets: readonly string[]
}

/**
 * The lines that make the table's fixed part anew and empty all else, whatever was there – except the clients that stick
 * to an endpoint, who are to outlive a restart. To be followed by all fragments in the same transaction.
 */
export function tableLines(options: TableOptions, existing: ExistingTable): string[] {
  const { family, name, podCidrs, serviceCidrs, localhostLink } = options
  const ip = family === 6 ? 'ip6' : 'ip'
  const table = `${ip} ${name}`
  const localhost = family === 6 ? '::1' : '127.0.0.0/8'
  const bases = localhostLink === undefined ? baseChains : [...baseChains, guardChain]
  const sets = Object.entries(elementSets(family))
  const rule = (chain: string, text: string) => `add rule ${table} ${chain} ${text}`
  const destination = `${ip} daddr . meta l4proto . th dport`
  const nodePorts = `fib daddr type local${localhostLink === undefined ? ` ${ip} daddr != ${localhost}` : ''} meta l4proto . th dport`

  return [
    `add table ${table}`,
    ...existing.chains.map((chain) => `flush chain ${table} ${chain}`),
    // A base chain whose hook or priority changed cannot be added again: remove the ones of before.
    ...[...baseChains, guardChain]
      .filter((chain) => existing.chains.includes(chain.name))
      .map((chain) => `delete chain ${table} ${chain.name}`),
    ...bases.map((chain) => `add chain ${table} ${chain.name} { ${chain.spec} }`),
    ...plainChains.map((chain) => `add chain ${table} ${chain}`),
    ...sets.flatMap(([set, { kind, type }]) => [
      `add ${kind} ${table} ${set} { type ${type}; }`,
      `flush ${kind} ${table} ${set}`,
    ]),

    rule('filter-input', 'ct state new jump nodeport-endpoints-check'),
    ...['filter-input', 'filter-forward', 'filter-output'].map((chain) =>
      rule(chain, 'ct state new jump service-endpoints-check'),
    ),
    ...['filter-prerouting-pre-dnat', 'filter-output-pre-dnat'].map((chain) =>
      rule(chain, 'ct state new jump firewall-check'),
    ),
    rule('nat-output', 'jump services'),
    rule('nat-prerouting', 'jump services'),
    rule('nat-postrouting', 'jump masquerading'),
    ...['filter-forward', 'filter-output'].map((chain) => rule(chain, 'ct state new jump cluster-ips-check')),

    rule('masquerading', `mark and ${masqueradeMark} != 0 mark set mark xor ${masqueradeMark} masquerade fully-random`),
    // A pod that reaches itself through a service must see another source than itself.
    rule(
      'masquerading',
      `ct status dnat ${ip} saddr . ${ip} daddr . meta l4proto . th dport @hairpin-connections masquerade fully-random`,
    ),
    rule('cluster-ips-check', `${ip} daddr @cluster-ips reject`),
    ...(serviceCidrs.length > 0 ? [rule('cluster-ips-check', `${ip} daddr { ${serviceCidrs.join(', ')} } drop`)] : []),
    rule('reject-chain', 'reject'),
    rule('service-endpoints-check', `${destination} vmap @no-endpoint-services`),
    rule('nodeport-endpoints-check', `${nodePorts} vmap @no-endpoint-nodeports`),
    rule('firewall-check', `${destination} vmap @firewall-ips`),
    ...(podCidrs.length > 0
      ? [
          rule(
            'services',
            `${ip} daddr @cluster-ips ${ip} saddr != { ${podCidrs.join(', ')} } mark set mark or ${masqueradeMark}`,
          ),
        ]
      : []),
    rule('services', `${destination} vmap @service-ips`),
    rule('services', `${nodePorts} vmap @service-nodeports`),
    // With route_localnet nobody outside may reach what listens on 127.0.0.1 only (CVE-2020-8558). Before conntrack,
    // so that answers, whose destination is translated back later, pass.
    ...(localhostLink === undefined
      ? []
      : [rule('filter-prerouting-raw', `iifname != "lo" ${ip} daddr ${localhost} drop`)]),
  ]
}

/** Whether a chain belongs to a service, i.e. comes and goes. */
export function isServiceChain(name: string): boolean {
  return /^(cluster|local|external|firewall|endpoint)\//.test(name)
}
export function isAffinitySet(name: string): boolean {
  return name.startsWith('affinity/')
}
