import type { ServerOptionValues } from '../apiserver/options/server-options.ts'

export type { GivenFiles } from '../apiserver/pki/given-files.ts'
export { inertOptions, inertProblem } from '../apiserver/options/inert-options.ts'
export { serverOptions, type ServerOption, type ServerOptionValues } from '../apiserver/options/server-options.ts'

/** What a cluster is to be, as the user chose it; kept in the data folder so that a restart is the same cluster. */
export interface ClusterSettings {
  /** Name of the kubeconfig's context. */
  readonly name: string
  readonly runtime: 'containerd' | 'simulated'
  /** How many nodes. */
  readonly nodes: number
  readonly store: StoreSettings
  /** The API server's port. */
  readonly port: number
  readonly network: ClusterNetwork
  /** Flags of the API server that the user set; default none. */
  readonly apiServer?: ServerOptionValues
}

export type StoreSettings = { readonly engine: 'sqlite' } | { readonly engine: 'memory' } | EtcdSettings

export interface EtcdSettings {
  readonly engine: 'etcd'
  readonly endpoints: readonly string[]
  /** Files. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
  /** What keys begin with; default `/registry`. */
  readonly root?: string
}

/** Ranges that the clusters of one host must not share. */
export interface ClusterNetwork {
  /** 0 for the first cluster on this host, and so on. */
  readonly index: number
  readonly bridge: string
  readonly nodes: string
  readonly pods: string
  readonly services: string
}

/** Ranges of the cluster with this number on this host: kubeadm's usual ones for the first. */
export function clusterNetwork(index: number): ClusterNetwork {
  return {
    index,
    bridge: `skiff${index}`,
    nodes: `10.89.${index}.0/24`,
    pods: `10.${244 - index}.0.0/16`,
    services: `10.${96 + index}.0.0/16`,
  }
}

/** Pods that run nowhere take no addresses from anybody: enough for 32,768 nodes, where clusters on a host may overlap. */
export function simulatedNetwork(index: number): ClusterNetwork {
  return { ...clusterNetwork(index), pods: '10.128.0.0/9' }
}

/** How many clusters fit on one host beside each other. */
export const maxClusters = 10

/** The n-th address of an IPv4 range. */
export function addressIn(range: string, n: number): string {
  const [base = '', prefix = '32'] = range.split('/')
  const number = base.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) + n
  if (n < 0 || n >= 2 ** (32 - Number(prefix))) throw new RangeError(`${range} has no address ${n}`)
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')
}

/** The host's address on the nodes' bridge: there the API server listens for nodes and pods. */
export const hostAddress = (network: ClusterNetwork): string => addressIn(network.nodes, 1)
/** `kubernetes` and `kube-dns`, where every client expects them. */
export const apiServiceAddress = (network: ClusterNetwork): string => addressIn(network.services, 1)
export const dnsServiceAddress = (network: ClusterNetwork): string => addressIn(network.services, 10)
export const nodeAddress = (network: ClusterNetwork, node: number): string => addressIn(network.nodes, 10 + node)
export const nodeName = (node: number): string => `node${node}`
/** Undefined: the name is none that {@link nodeName} gives. */
export const nodeNumber = (name: string): number | undefined => {
  const number = /^node([1-9]\d*)$/.exec(name)?.[1]
  return number === undefined ? undefined : Number(number)
}

export const clusterDomain = 'cluster.local'
