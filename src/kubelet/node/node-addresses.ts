import type { NodeAddress } from '../../api/types.generated.ts'

/** Under which a node without a cloud is reached. */
export function nodeAddresses(nodeName: string, nodeIPs: readonly string[]): NodeAddress[] {
  return [...nodeIPs.map((address) => ({ type: 'InternalIP', address })), { type: 'Hostname', address: nodeName }]
}
