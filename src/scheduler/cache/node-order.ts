import type { NodeInfo } from './node-info.ts'

const regionLabel = 'topology.kubernetes.io/region'
const zoneLabel = 'topology.kubernetes.io/zone'

/** Nodes taken from the zones in turn, so that any stretch of the list covers them all (backend/cache/node_tree.go). */
export function orderByZone(nodes: Iterable<NodeInfo>): NodeInfo[] {
  const zones = new Map<string, NodeInfo[]>()
  for (const node of nodes) {
    const zone = `${node.labels[regionLabel] ?? ''}:${node.labels[zoneLabel] ?? ''}`
    const members = zones.get(zone)
    if (members) members.push(node)
    else zones.set(zone, [node])
  }
  const lists = [...zones.values()]
  const ordered: NodeInfo[] = []
  const longest = Math.max(0, ...lists.map((list) => list.length))
  for (let index = 0; index < longest; index++) {
    for (const list of lists) if (index < list.length) ordered.push(list[index]!)
  }
  return ordered
}
