import type { Node, NodeCondition } from '../../api/types.generated.ts'

export function nodeCondition(node: Node, type: string): NodeCondition | undefined {
  return node.status?.conditions?.find((condition) => condition.type === type)
}

/** The status of the Ready condition; undefined when nobody has said anything yet. */
export function readyStatus(node: Node): 'True' | 'False' | 'Unknown' | undefined {
  return nodeCondition(node, 'Ready')?.status as 'True' | 'False' | 'Unknown' | undefined
}

/** Region and zone of a node as one key; '' without labels (component-helpers/node/topology GetZoneKey). */
export function zoneOf({ metadata }: Node): string {
  const { labels = {} } = metadata
  const region = labels['topology.kubernetes.io/region'] ?? labels['failure-domain.beta.kubernetes.io/region'] ?? ''
  const zone = labels['topology.kubernetes.io/zone'] ?? labels['failure-domain.beta.kubernetes.io/zone'] ?? ''
  return region === '' && zone === '' ? '' : `${region}:\0:${zone}`
}
