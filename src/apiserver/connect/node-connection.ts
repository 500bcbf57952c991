import { isIP } from 'node:net'
import { nodes } from '../../api/core/v1/node.ts'
import { badRequest, notFound } from '../../machinery/errors.ts'
import type { Lister } from '../lister.ts'

/** How the API server shows itself to kubelets, and whom it believes to be one. PEM. */
export interface KubeletTls {
  readonly cert: string
  readonly key: string
  readonly ca: string
}

export interface NodeConnection {
  readonly host: string
  readonly port: number
}

/** In this order, as kube-apiserver's --kubelet-preferred-address-types of kubeadm. */
const addressTypes = ['InternalIP', 'ExternalIP', 'Hostname'] as const
const defaultPort = 10250

/** Where a node's kubelet listens, from the node's status. Throws NotFound for an unknown node. */
export function nodeConnection(lister: Lister, nodeName: string): NodeConnection {
  const node = lister.get(nodes, '', nodeName)
  if (node === undefined) throw notFound({ group: '', resource: 'nodes' }, nodeName)
  const addresses = node.status?.addresses ?? []
  const found = addressTypes
    .map((type) => addresses.find((address) => address.type === type))
    .find((address) => address !== undefined)
  if (found === undefined)
    throw badRequest(`no preferred addresses found; known addresses: ${JSON.stringify(addresses)}`)
  return { host: found.address, port: node.status?.daemonEndpoints?.kubeletEndpoint?.Port || defaultPort }
}

/** `host:port` for a URL; IPv6 in brackets. */
export function hostPort(host: string, port: string | number): string {
  const name = isIP(host) === 6 ? `[${host}]` : host
  return port === '' ? name : `${name}:${port}`
}
