import type { CertificateSigningRequest } from '../../api/types.generated.ts'
import { type CertificateRequest, parseCertificateRequest } from '../../machinery/x509/certificate-request.ts'
import { decodePem } from '../../machinery/x509/pem.ts'

export const kubeletClientSigner = 'kubernetes.io/kube-apiserver-client-kubelet'
export const kubeletServingSigner = 'kubernetes.io/kubelet-serving'
export const apiServerClientSigner = 'kubernetes.io/kube-apiserver-client'
export const legacyUnknownSigner = 'kubernetes.io/legacy-unknown'

/** Reads what is to be certified; throws when it cannot be read. */
export function requestOf({ spec }: CertificateSigningRequest): CertificateRequest {
  const [block] = decodePem(Buffer.from(spec.request, 'base64').toString('latin1'))
  if (block?.type !== 'CERTIFICATE REQUEST') throw new Error('PEM block type must be CERTIFICATE REQUEST')
  return parseCertificateRequest(block.bytes)
}

export function hasCondition({ status }: CertificateSigningRequest, type: string): boolean {
  return status?.conditions?.some((condition) => condition.type === type) ?? false
}

/** Approved, and not denied as well. */
export function isApproved(csr: CertificateSigningRequest): boolean {
  return hasCondition(csr, 'Approved') && !hasCondition(csr, 'Denied')
}

/** Why this is no request for a client certificate of a kubelet; undefined: it is one (pkg/apis/certificates/helpers.go). */
export function kubeletClientProblem(request: CertificateRequest, usages: readonly string[]): string | undefined {
  const { dnsNames, emailAddresses, ipAddresses, uris } = request.alternativeNames
  if (!isForNodes(request)) return 'subject organization is not system:nodes'
  if (dnsNames.length > 0) return 'DNS subjectAltNames are not allowed'
  if (emailAddresses.length > 0) return 'Email subjectAltNames are not allowed'
  if (ipAddresses.length > 0) return 'IP subjectAltNames are not allowed'
  if (uris.length > 0) return 'URI subjectAltNames are not allowed'
  if (!isNamedAsNode(request)) return 'subject common name does not begin with system:node:'
  return usageProblem(usages, 'client auth')
}

/** The same for a serving certificate of a kubelet. */
export function kubeletServingProblem(request: CertificateRequest, usages: readonly string[]): string | undefined {
  const { dnsNames, emailAddresses, ipAddresses, uris } = request.alternativeNames
  if (!isForNodes(request)) return 'subject organization is not system:nodes'
  if (dnsNames.length === 0 && ipAddresses.length === 0) return 'DNS or IP subjectAltName is required'
  if (emailAddresses.length > 0) return 'Email subjectAltNames are not allowed'
  if (uris.length > 0) return 'URI subjectAltNames are not allowed'
  const problem = usageProblem(usages, 'server auth')
  if (problem !== undefined) return problem
  return isNamedAsNode(request) ? undefined : 'subject common name does not begin with system:node:'
}

/** The same for a certificate of any other client. */
export function apiServerClientProblem(usages: readonly string[]): string | undefined {
  const wrong = usages.find((usage) => !['digital signature', 'key encipherment', 'client auth'].includes(usage))
  if (wrong !== undefined) return `invalid usage for client certificate: ${wrong}`
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth'
}

function isForNodes({ subject }: CertificateRequest): boolean {
  return subject.organizations?.length === 1 && subject.organizations[0] === 'system:nodes'
}
function isNamedAsNode({ subject }: CertificateRequest): boolean {
  return subject.commonName?.startsWith('system:node:') ?? false
}
/** Key encipherment is for RSA keys and may be absent. */
function usageProblem(usages: readonly string[], purpose: string): string | undefined {
  const found = new Set(usages)
  const required = [purpose, 'digital signature']
  const allowed = new Set([...required, 'key encipherment'])
  if (required.every((usage) => found.has(usage)) && found.isSubsetOf(allowed)) return undefined
  return `usages did not match [${[...allowed].sort().join(' ')}]`
}
