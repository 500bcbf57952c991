import { type CertificateRequest, parseCertificateRequest } from '../../machinery/x509/certificate-request.ts'
import { decodePem } from '../../machinery/x509/pem.ts'

/** Reads `spec.request` of a CertificateSigningRequest, base64 of PEM (pkg/apis/certificates/helpers.go ParseCSR). */
export function parseRequestOf(request: string | undefined): CertificateRequest {
  const [block] = decodePem(Buffer.from(request ?? '', 'base64').toString('latin1'))
  if (block?.type !== 'CERTIFICATE REQUEST') throw new Error('PEM block type must be CERTIFICATE REQUEST')
  return parseCertificateRequest(block.bytes)
}
