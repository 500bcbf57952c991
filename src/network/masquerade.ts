import { familyOf } from '../machinery/ip.ts'

/**
 * The nft text of a node's masquerading: what its pods send beyond the cluster takes the node's address, for the world
 * outside knows no pod. The table is replaced as a whole, in one transaction.
 */
export function masqueradeRules(table: string, podCidrs: readonly string[], clusterCidrs: readonly string[]): string {
  return podCidrs
    .map((cidr) => {
      const family = familyOf(cidr)
      const ip = family === 6 ? 'ip6' : 'ip'
      const inside = [cidr, ...clusterCidrs.filter((range) => familyOf(range) === family)]
      const multicast = family === 6 ? 'ff00::/8' : '224.0.0.0/4'
      return [
        ...deleteTable(ip, table),
        `add table ${ip} ${table}`,
        `add set ${ip} ${table} cluster { type ipv${family}_addr; flags interval; auto-merge; elements = { ${[...new Set([...inside, multicast])].join(', ')} } }`,
        `add chain ${ip} ${table} postrouting { type nat hook postrouting priority srcnat; }`,
        `add rule ${ip} ${table} postrouting ${ip} saddr ${cidr} ${ip} daddr != @cluster masquerade fully-random`,
      ]
    })
    .flat()
    .map((line) => `${line}\n`)
    .join('')
}

/** Removes the tables; fine when they are not there. */
export function deleteMasquerade(table: string, families: readonly (4 | 6)[]): string {
  return families.flatMap((family) => deleteTable(family === 6 ? 'ip6' : 'ip', table)).join('\n')
}

function deleteTable(ip: string, table: string): string[] {
  return [`add table ${ip} ${table}`, `delete table ${ip} ${table}`]
}
