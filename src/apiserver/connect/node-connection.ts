import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect } from 'node:tls'
import { nodes } from '../../api/core/v1/node.ts'
import { badRequest, notFound } from '../../machinery/errors.ts'
import type { DialTarget } from '../../machinery/streaming/dial-upgrade.ts'
import type { Lister } from '../lister.ts'

/** How the API server shows itself to kubelets, and whom it believes to be one. PEM. */
export interface KubeletTls {
  readonly cert: string
  readonly key: string
  readonly ca: string
}

/** By node: how to reach kubelets that run in this process and listen nowhere, as those of simulated nodes. */
export type LocalKubelets = ReadonlyMap<string, () => Duplex>

export interface NodeConnectionOptions {
  readonly lister: Lister
  /** As it is now. */
  readonly kubeletTls: () => KubeletTls
  /** In what order a node's addresses are tried. */
  readonly addressTypes?: readonly string[]
  readonly localKubelets?: LocalKubelets
}

export interface NodeConnection {
  readonly host: string
  readonly port: number
  readonly tls: NonNullable<DialTarget['tls']>
}

/** In this order, as kube-apiserver's --kubelet-preferred-address-types of kubeadm. */
const usualAddressTypes: readonly string[] = ['InternalIP', 'ExternalIP', 'Hostname']
const defaultPort = 10250

/** Where a node's kubelet listens, from the node's status, and how it is spoken to. Throws NotFound for an unknown node. */
export function nodeConnection(options: NodeConnectionOptions, nodeName: string): NodeConnection {
  const { lister, addressTypes = usualAddressTypes } = options
  const kubeletTls = options.kubeletTls()
  const node = lister.get(nodes, '', nodeName)
  if (node === undefined) throw notFound({ group: '', resource: 'nodes' }, nodeName)
  const addresses = node.status?.addresses ?? []
  const found = addressTypes
    .map((type) => addresses.find((address) => address.type === type))
    .find((address) => address !== undefined)
  if (found === undefined)
    throw badRequest(`no preferred addresses found; known addresses: ${JSON.stringify(addresses)}`)
  const host = found.address
  const dial = options.localKubelets?.get(nodeName)
  return {
    host,
    port: node.status?.daemonEndpoints?.kubeletEndpoint?.Port || defaultPort,
    tls:
      dial === undefined
        ? kubeletTls
        : // Only without an agent is the connection asked for.
          { ...kubeletTls, agent: undefined, createConnection: () => connect({ ...kubeletTls, host, socket: dial() }) },
  }
}

/** `host:port` for a URL; IPv6 in brackets. */
export function hostPort(host: string, port: string | number): string {
  const name = isIP(host) === 6 ? `[${host}]` : host
  return port === '' ? name : `${name}:${port}`
}
