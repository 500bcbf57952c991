import { fieldErrors, goQuote, type FieldError } from '../../../../machinery/field-error.ts'
import { parseCertificate } from '../../../../machinery/x509/certificate.ts'
import { decodePem } from '../../../../machinery/x509/pem.ts'
import { checkOneOf } from '../../../field-checks.ts'
import type { CertificateSigningRequest } from '../../../types.generated.ts'
import { parseRequestOf } from '../../certificate-request.ts'
import { validateSignerName } from '../../signer-name.ts'
import { validateConditionChange, validateConditions, validateDecision } from './conditions.ts'

/** pkg/apis/certificates/validation ValidateCertificateSigningRequestCreate and its updates. */
const legacySigner = 'kubernetes.io/legacy-unknown'
const minSeconds = 600
const usages: readonly string[] = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
]

export function validateRequest(request: CertificateSigningRequest): FieldError[] {
  return [...validateFields(request), ...validateDecision(request)]
}

/** What a door to the request may change. */
export interface RequestDoor {
  readonly mayDecide?: boolean
  readonly mayIssue?: boolean
}

export function validateRequestUpdate(
  request: CertificateSigningRequest,
  old: CertificateSigningRequest,
  door: RequestDoor = {},
): FieldError[] {
  const errors = validateFields(request, old)
  errors.push(...validateConditionChange(request, old, door.mayDecide === true))
  const before = old.status?.certificate ?? ''
  if ((request.status?.certificate ?? '') !== before) {
    const detail = door.mayIssue ? 'may not modify existing certificate content' : 'may not set certificate content'
    if (!door.mayIssue || before !== '') {
      errors.push(fieldErrors.forbidden('status.certificate', `updates ${detail}`))
    }
  }
  return [...errors, ...validateDecision(request, old)]
}

function validateFields(request: CertificateSigningRequest, old?: CertificateSigningRequest): FieldError[] {
  const { request: text = '', signerName = '', expirationSeconds: seconds } = request.spec ?? {}
  const errors: FieldError[] = []
  const fault = requestFault(text)
  if (fault !== undefined) errors.push(fieldErrors.invalid('spec.request', request.spec?.request ?? null, fault))
  errors.push(...validateUsages(request.spec?.usages, old?.spec?.usages))
  if (signerName === legacySigner && old?.spec?.signerName !== legacySigner) {
    const detail = 'the legacy signerName is not allowed via this API version'
    errors.push(fieldErrors.invalid('spec.signerName', signerName, detail))
  } else errors.push(...validateSignerName(signerName, 'spec.signerName'))
  if (seconds !== undefined && seconds < minSeconds) {
    const detail = 'may not specify a duration less than 600 seconds (10 minutes)'
    errors.push(fieldErrors.invalid('spec.expirationSeconds', seconds, detail))
  }
  errors.push(...validateConditions(request, old))
  return [...errors, ...validateCertificate(request, old)]
}

function requestFault(text: string): string | undefined {
  try {
    const request = parseRequestOf(text)
    if (request.signatureValid) return undefined
    const { asymmetricKeyType: type } = request.publicKey
    if (type === 'rsa') return 'crypto/rsa: verification error'
    return `x509: ${type === 'ec' ? 'ECDSA' : 'Ed25519'} verification failure`
  } catch (error) {
    return (error as Error).message
  }
}

function validateUsages(list: readonly string[] = [], old: readonly string[] = []): FieldError[] {
  const field = 'spec.usages'
  const errors: FieldError[] = list.length === 0 ? [fieldErrors.required(field)] : []
  if (old.every((usage) => usages.includes(usage))) {
    for (const [index, usage] of list.entries()) errors.push(...checkOneOf(usage, `${field}[${index}]`, usages))
  }
  if (new Set(old).size < old.length) return errors
  for (const [index, usage] of list.entries()) {
    if (list.indexOf(usage) < index) errors.push(fieldErrors.duplicate(`${field}[${index}]`, usage))
  }
  return errors
}

/** What was issued stays as it is, however it looks. */
function validateCertificate({ status }: CertificateSigningRequest, old?: CertificateSigningRequest): FieldError[] {
  const [text = '', before = ''] = [status?.certificate, old?.status?.certificate]
  if (old !== undefined && (text === before || certificateFault(before) !== undefined)) return []
  const fault = certificateFault(text)
  return fault === undefined ? [] : [fieldErrors.invalid('status.certificate', '<certificate data>', fault)]
}

function certificateFault(text: string): string | undefined {
  if (text === '') return undefined
  const blocks = decodePem(Buffer.from(text, 'base64').toString('latin1'))
  for (const { type, headers, bytes } of blocks) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${goQuote(type)}`
    if (headers) return 'no PEM block headers are permitted'
    if (bytes.length === 0) return 'found CERTIFICATE PEM block containing 0 certificates'
    try {
      parseCertificate(bytes)
    } catch (error) {
      return (error as Error).message
    }
  }
  return blocks.length === 0 ? 'must contain at least one CERTIFICATE PEM block' : undefined
}
