import { existsSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { clusterNetwork, maxClusters, type ClusterNetwork } from '../settings.ts'

/**
 * The number of the first cluster network that nobody on this host uses and that can be claimed, which it then is;
 * maxClusters: none is free.
 */
export function freeNetworkIndex(
  claim: (network: ClusterNetwork) => boolean,
  linkExists = (name: string) => existsSync(`/sys/class/net/${name}`),
  addresses = hostAddresses(),
): number {
  for (let index = 0; index < maxClusters; index++) {
    const network = clusterNetwork(index)
    const { bridge, nodes } = network
    const prefix = nodes.slice(0, nodes.lastIndexOf('.') + 1)
    if (!linkExists(bridge) && !addresses.some((address) => address.startsWith(prefix)) && claim(network)) return index
  }
  return maxClusters
}

function hostAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? [])
}
