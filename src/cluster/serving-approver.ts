import { kubeletServingSigner } from '../controllers/certificates/request-rules.ts'
import type { ServingHosts } from '../controllers/certificates/serving-hosts.ts'
import { controllerAccount, type OfferedObject, readOnly, rights } from './offered-objects.ts'
import { type ClusterNetwork, nodeAddress, nodeName, nodeNumber } from './settings.ts'

const apiGroups = ['certificates.k8s.io']
const name = 'kubelet-serving-approver'

/** What the approver of serving certificates may do: read requests, and approve those of this one signer. */
export const servingApproverObjects: readonly OfferedObject[] = rights(`skiff:${name}`, controllerAccount(name), [
  { apiGroups, resources: ['certificatesigningrequests'], verbs: readOnly },
  { apiGroups, resources: ['certificatesigningrequests/approval'], verbs: ['update'] },
  { apiGroups, resources: ['signers'], resourceNames: [kubeletServingSigner], verbs: ['approve'] },
])

/** What the machines of this cluster were given when they were made. */
export function machineHosts(options: { readonly network: ClusterNetwork; readonly nodes: number }): ServingHosts {
  return (node) => {
    const number = nodeNumber(node)
    if (number === undefined || number > options.nodes) return undefined
    return [nodeName(number), nodeAddress(options.network, number)]
  }
}
