import { fieldErrors, omitValue, type FieldError } from '../../../../machinery/field-error.ts'
import { parseTime } from '../../../../machinery/time.ts'
import { byteLength } from '../../../../machinery/validation/message-text.ts'
import { type Certificate, parseCertificate } from '../../../../machinery/x509/certificate.ts'
import { parseCertificateRequest } from '../../../../machinery/x509/certificate-request.ts'
import { decodePem } from '../../../../machinery/x509/pem.ts'
import type { PodCertificateRequest } from '../../../types.generated.ts'

/** What a signer hands out (pkg/apis/certificates/validation ValidatePodCertificateRequestStatusUpdate). */
const chainField = 'status.certificateChain'
const maxChainBytes = 100 * 1024
const minutes = 60_000
const skew = 5 * minutes
const margin = 10 * minutes
const minLifetime = 60 * minutes

export function validateIssuance(request: PodCertificateRequest, now: number): FieldError[] {
  const chain = request.status?.certificateChain ?? ''
  if (byteLength(chain) > maxChainBytes) return [fieldErrors.tooLong(chainField, '', maxChainBytes)]
  const wrong = (detail: string) => [fieldErrors.invalid(chainField, chain, detail)]
  const [leafBlock, ...others] = decodePem(chain)
  if (!leafBlock) return wrong('issued certificate chain must contain at least one certificate')
  const onlyCertificates = 'issued certificate chain must consist entirely of'
  if (leafBlock.type !== 'CERTIFICATE') return wrong(`${onlyCertificates} CERTIFICATE PEM blocks`)
  const leaf = certificateIn(leafBlock.bytes)
  if (!leaf) return wrong('leaf certificate does not parse as valid X.509')
  const errors = validateNames(leaf)
  const key = requestedKey(request)
  if (!key) return [...errors, fieldErrors.invalid('spec.stubPKCS10Request', omitValue, 'must be a valid PKCS#10 CSR')]
  if (!key.equals(leaf.publicKey)) {
    return [...errors, ...wrong('leaf certificate was not issued to the requested public key')]
  }
  errors.push(...validateTimes(request, leaf, now, errors))
  if (errors.length > 0) return errors
  for (const { type, bytes } of others) {
    // The letter that is missing is missing upstream.
    if (type !== 'CERTIFICATE') return wrong(`${onlyCertificates} CERTFICATE PEM blocks`)
    if (!certificateIn(bytes)) return wrong('intermediate certificate does not parse as valid X.509')
  }
  return []
}

function certificateIn(bytes: Uint8Array): Certificate | undefined {
  try {
    return parseCertificate(bytes)
  } catch {
    return undefined
  }
}

function requestedKey({ spec }: PodCertificateRequest): Certificate['publicKey'] | undefined {
  try {
    return parseCertificateRequest(Buffer.from(spec.stubPKCS10Request, 'base64')).publicKey
  } catch {
    return undefined
  }
}

function validateNames({ alternativeNames: { dnsNames, emailAddresses } }: Certificate): FieldError[] {
  const errors: FieldError[] = []
  const wrong = (name: string, detail: string) => errors.push(fieldErrors.invalid(chainField, name, detail))
  for (const name of dnsNames) {
    if (name === '') wrong(name, 'leaf certificate should not contain empty DNSName')
    if (name.includes('..')) wrong(name, "leaf certificate's DNSName should not contain '..'")
    if (name.startsWith('.') || name.endsWith('.')) {
      wrong(name, "leaf certificate's DNSName should not start or end with '.'")
    }
  }
  for (const address of emailAddresses) {
    if (!/^[^\s@]+@[^\s@]+$/.test(address)) wrong(address, 'leaf certificate should not contain invalid EmailAddress')
  }
  return errors
}

/** `before`: what was found until here; the times are compared only when nothing was. */
function validateTimes(
  { spec, status = {} }: PodCertificateRequest,
  leaf: Certificate,
  now: number,
  before: readonly FieldError[],
): FieldError[] {
  const { notBefore, notAfter, beginRefreshAt } = status
  const missing: FieldError[] = []
  const need = (member: string, value: string | undefined, detail: string) => {
    if (!value) missing.push(fieldErrors.required(`status.${member}`, `must be present and ${detail}`))
  }
  need('notBefore', notBefore, 'consistent with the issued certificate')
  need('notAfter', notAfter, 'consistent with the issued certificate')
  need('beginRefreshAt', beginRefreshAt, 'in the range [notbefore+10min, notafter-10min]')
  if (missing.length > 0 || before.length > 0) return missing
  const [begins, ends, refresh] = [parseTime(notBefore!), parseTime(notAfter!), parseTime(beginRefreshAt!)]
  const wrong = (member: string, value: unknown, detail: string) => [
    fieldErrors.invalid(`status.${member}`, value, detail),
  ]
  if (begins !== leaf.notBefore) {
    return wrong('notBefore', notBefore, 'must be set to the NotBefore time encoded in the leaf certificate')
  }
  if (Math.abs(begins - now) >= skew) {
    return wrong('notBefore', notBefore, "must be set to within 5 minutes of kube-apiserver's current time")
  }
  if (ends !== leaf.notAfter) {
    return wrong('notAfter', notAfter, 'must be set to the NotAfter time encoded in the leaf certificate')
  }
  const lifetime = ends - begins
  // A duration prints as its nanoseconds.
  const printed = lifetime * 1e6
  if (lifetime < minLifetime) {
    return wrong('certificateChain', printed, 'leaf certificate lifetime must be >= 1 hour')
  }
  const max = spec.maxExpirationSeconds ?? 0
  if (lifetime > max * 1000) {
    const detail = `leaf certificate lifetime must be <= spec.maxExpirationSeconds (${max})`
    return wrong('certificateChain', printed, detail)
  }
  if (refresh < begins + margin) {
    return wrong('beginRefreshAt', beginRefreshAt, 'must be at least 10 minutes after status.notBefore')
  }
  if (refresh > ends - margin) {
    return wrong('beginRefreshAt', beginRefreshAt, 'must be at least 10 minutes before status.notAfter')
  }
  return []
}
