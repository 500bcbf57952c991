import { certificateSigningRequests } from '../../api/certificates/v1/certificate-signing-request.ts'
import type { CertificateSigningRequest } from '../../api/types.generated.ts'
import { formatTime } from '../../machinery/clock.ts'
import { defineSync } from '../runtime/define-sync.ts'
import { forEachRequest, withCondition } from './controller.ts'
import type { ServingHosts } from './serving-hosts.ts'
import { hasCondition, kubeletServingProblem, kubeletServingSigner, requestOf } from './request-rules.ts'

/**
 * Approves serving certificates of kubelets whose machines this cluster made. What a Node says of its addresses is not
 * asked, for the node itself writes it (docs/design/certificates.md); upstream leaves these requests to people.
 */
export const kubeletServingApprover = defineSync({
  name: 'kubelet-serving-approver',
  enabled: (options) => options.servingHosts !== undefined,
  setup: forEachRequest(async (csr, { client, clock, options, log }) => {
    if (csr.spec.signerName !== kubeletServingSigner || csr.status?.certificate) return
    if (['Approved', 'Denied', 'Failed'].some((type) => hasCondition(csr, type))) return
    const problem = servingProblem(csr, options.servingHosts!)
    if (problem !== undefined) {
      log.warn('a serving certificate waits for a person to approve it', { csr: csr.metadata.name, problem })
      return
    }
    const now = formatTime(clock.now())
    const approved = withCondition(csr, {
      type: 'Approved',
      status: 'True',
      reason: 'AutoApproved',
      message: 'Auto approving serving certificate of a kubelet for the addresses that its machine was given.',
      lastUpdateTime: now,
      lastTransitionTime: now,
    })
    await client.update(certificateSigningRequests, approved, { subresource: 'approval' })
    return
  }),
})

/** Why nobody but a person may approve this request; undefined: it is the node's own, for itself. */
export function servingProblem({ spec }: CertificateSigningRequest, servingHosts: ServingHosts): string | undefined {
  let request: ReturnType<typeof requestOf>
  try {
    request = requestOf({ spec } as CertificateSigningRequest)
  } catch (error) {
    return (error as Error).message
  }
  const problem = kubeletServingProblem(request, spec.usages ?? [])
  if (problem !== undefined) return problem
  if (!request.signatureValid) return 'the request is not signed with its own key'
  if (spec.username !== request.subject.commonName) return `${spec.username} asks for ${request.subject.commonName}`
  if (!spec.groups?.includes('system:nodes')) return `${spec.username} is not in the group system:nodes`
  const hosts = servingHosts(spec.username!.slice('system:node:'.length))
  if (hosts === undefined) return 'the node is none of the machines of this cluster'
  const { dnsNames, ipAddresses } = request.alternativeNames
  const foreign = [...dnsNames, ...ipAddresses].find((name) => !hosts.includes(name))
  return foreign === undefined ? undefined : `${foreign} is not an address of the node`
}
