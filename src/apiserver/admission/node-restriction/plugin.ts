import type {
  CertificateSigningRequest,
  CSINode,
  Node,
  PersistentVolumeClaim,
  ResourceSlice,
} from '../../../api/types.generated.ts'
import { jsonEqual } from '../../../machinery/json.ts'
import { nodeIdentity } from '../../authorization/node/node-identity.ts'
import { objectOf, oldObjectOf, refusal } from '../attributes.ts'
import { parseRequestOf } from '../../../api/certificates/certificate-request.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts'
import type { AdmissionServices } from '../services.ts'
import { forbiddenLabels } from './labels.ts'
import { admitPodCertificate } from './pod-certificates.ts'
import { admitEviction, admitPod, admitPodStatus } from './pods.ts'
import { admitToken } from './tokens.ts'

const quote = (text: string) => JSON.stringify(text)

/**
 * What of the objects that the node authorizer lets a kubelet write it may change: itself, and what runs on it
 * (plugin/pkg/admission/noderestriction). Others are not concerned.
 */
export function createNodeRestriction({
  lister,
  authorizer,
  enabled,
}: Pick<AdmissionServices, 'lister' | 'authorizer' | 'enabled'>): AdmissionPlugin {
  type Rule = (node: string, attributes: AdmissionAttributes) => void | Promise<void>
  const rules: Readonly<Record<string, Rule>> = {
    'pods.': (node, attributes) => {
      const { subresource } = attributes
      if (subresource === '') return admitPod(lister, node, attributes)
      if (subresource === 'status') return admitPodStatus(node, attributes)
      if (subresource === 'eviction') return admitEviction(lister, node, attributes)
      throw refusal(
        attributes,
        `unexpected pod subresource ${quote(subresource)}, only 'status' and 'eviction' are allowed`,
      )
    },
    'nodes.': admitNode,
    'persistentvolumeclaims.': admitClaimStatus,
    'serviceaccounts.': (node, attributes) => {
      if (attributes.operation !== 'CREATE' || attributes.subresource !== 'token') return
      return admitToken(lister, authorizer, node, attributes, enabled('ServiceAccountNodeAudienceRestriction'))
    },
    'podcertificaterequests.certificates.k8s.io': (node, attributes) => {
      if (!enabled('PodCertificateRequest')) throw refusal(attributes, 'PodCertificateRequest feature gate is disabled')
      return admitPodCertificate(lister, authorizer, node, attributes)
    },
    'leases.coordination.k8s.io': (node, attributes) => {
      if (attributes.namespace !== 'kube-node-lease')
        throw refusal(attributes, 'can only access leases in the "kube-node-lease" system namespace')
      ownName(node, attributes, 'can only access node lease with the same name as the requesting node')
    },
    'csinodes.storage.k8s.io': (node, attributes) => {
      ownName(node, attributes, 'can only access CSINode with the same name as the requesting node')
      if (attributes.subresource !== 'status') return
      if (!enabled('CSIVolumeHealth')) throw refusal(attributes, 'CSIVolumeHealth feature gate is disabled')
      const before = oldObjectOf<CSINode>(attributes)?.spec
      if (!jsonEqual(objectOf<CSINode>(attributes).spec, before))
        throw refusal(attributes, `node ${quote(node)} is not allowed to modify CSINode spec via status`)
    },
    'resourceslices.resource.k8s.io': (node, attributes) => {
      const { operation } = attributes
      if (operation !== 'CREATE' && operation !== 'DELETE') return
      const slice = (operation === 'CREATE' ? attributes.object : attributes.oldObject) as unknown as ResourceSlice
      if (slice?.spec.nodeName !== node)
        throw refusal(
          attributes,
          `can only ${operation.toLowerCase()} ResourceSlice with the same NodeName as the requesting node`,
        )
    },
    'certificatesigningrequests.certificates.k8s.io': (node, attributes) => {
      if (!enabled('AllowInsecureKubeletCertificateSigningRequests')) admitCertificateRequest(node, attributes)
    },
  }
  return {
    name: 'NodeRestriction',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE' || operation === 'DELETE',
    mutate(attributes) {
      const node = nodeIdentity(attributes.user)
      if (node === undefined) return
      if (node === '') throw refusal(attributes, `could not determine node from user ${quote(attributes.user.name)}`)
      return rules[`${attributes.resource.resource}.${attributes.resource.group}`]?.(node, attributes)
    },
  }
}

function ownName(node: string, attributes: AdmissionAttributes, why: string): void {
  const name = attributes.operation === 'CREATE' ? attributes.object?.metadata.name : attributes.name
  if (name !== node) throw refusal(attributes, why)
}

function admitNode(node: string, attributes: AdmissionAttributes): void {
  const refuse = (why: string) => refusal(attributes, why)
  const { operation } = attributes
  const name = attributes.name || (attributes.object?.metadata.name ?? '')
  if (name !== node) throw refuse(`node ${quote(node)} is not allowed to modify node ${quote(name)}`)
  const wanted = attributes.object as unknown as Node | undefined
  if (operation === 'CREATE') {
    if (wanted?.spec?.configSource)
      throw refuse(`node ${quote(node)} is not allowed to create pods with a non-nil configSource`)
    const labels = forbiddenLabels(wanted?.metadata.labels)
    if (labels.length > 0)
      throw refuse(`node ${quote(node)} is not allowed to set the following labels: ${labels.join(', ')}`)
  }
  if (operation !== 'UPDATE') return
  const old = oldObjectOf<Node>(attributes)
  if (wanted?.spec?.configSource && !jsonEqual(wanted.spec.configSource, old?.spec?.configSource))
    throw refuse(`node ${quote(node)} is not allowed to update configSource to a new non-nil configSource`)
  // A node that could take its taints off would draw pods that are kept from it.
  if (!jsonEqual(wanted?.spec?.taints ?? [], old?.spec?.taints ?? []))
    throw refuse(`node ${quote(node)} is not allowed to modify taints`)
  // With an owner of its choice a node would have itself collected, and come back without its taints (CVE-2025-5187).
  if (!jsonEqual(wanted?.metadata.ownerReferences ?? [], old?.metadata.ownerReferences ?? []))
    throw refuse(`node ${quote(node)} is not allowed to modify ownerReferences`)
  const labels = forbiddenLabels(wanted?.metadata.labels, old?.metadata.labels)
  if (labels.length > 0) throw refuse(`is not allowed to modify labels: ${labels.join(', ')}`)
}

function admitClaimStatus(node: string, attributes: AdmissionAttributes): void {
  if (attributes.subresource !== 'status') throw refusal(attributes, 'may only update PVC status')
  if (attributes.operation !== 'UPDATE')
    throw refusal(attributes, `unexpected operation ${quote(attributes.operation)}`)
  const comparable = (claim: PersistentVolumeClaim) => ({
    ...claim,
    metadata: { ...claim.metadata, resourceVersion: undefined, managedFields: undefined },
    status: {
      ...claim.status,
      capacity: undefined,
      conditions: undefined,
      allocatedResources: undefined,
      allocatedResourceStatuses: undefined,
    },
  })
  const old = oldObjectOf<PersistentVolumeClaim>(attributes)
  const claim = objectOf<PersistentVolumeClaim>(attributes) as PersistentVolumeClaim
  if (old !== undefined && jsonEqual(comparable(claim), comparable(old))) return
  throw refusal(
    attributes,
    `node ${quote(node)} is not allowed to update fields other than status.quantity and status.conditions`,
  )
}

const nodeSigners = ['kubernetes.io/kubelet-serving', 'kubernetes.io/kube-apiserver-client-kubelet']

function admitCertificateRequest(node: string, attributes: AdmissionAttributes): void {
  if (attributes.operation !== 'CREATE') return
  const { spec } = objectOf<CertificateSigningRequest>(attributes)
  if (!nodeSigners.includes(spec.signerName)) return
  let commonName: string | undefined
  try {
    commonName = parseRequestOf(spec.request).subject.commonName
  } catch (error) {
    throw refusal(attributes, `unable to parse csr: ${(error as Error).message}`)
  }
  if (commonName !== `system:node:${node}`)
    throw refusal(attributes, `can only create a node CSR with CN=system:node:${node}`)
}
