import type { KeyObject } from 'node:crypto'
import { fieldErrors, omitValue, type FieldError } from '../../../../machinery/field-error.ts'
import { type CertificateRequest, parseCertificateRequest } from '../../../../machinery/x509/certificate-request.ts'

const field = 'spec.stubPKCS10Request'
const maxBytes = 10 * 1024
const curves: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1', 'secp521r1'])
const moduli: ReadonlySet<number> = new Set([3072, 4096])

/** The request by which a kubelet shows its key (pkg/apis/certificates/validation validateStubPKCS10Request). */
export function validateStubRequest(text: string): FieldError[] {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length > maxBytes) return [fieldErrors.tooLong(field, '', maxBytes)]
  let request: CertificateRequest
  try {
    request = parseCertificateRequest(bytes)
  } catch {
    return [fieldErrors.invalid(field, omitValue, 'must be a valid PKCS#10 CSR')]
  }
  const errors = validateKey(request.publicKey)
  if (errors.length > 0 || request.signatureValid) return errors
  return [fieldErrors.invalid(field, omitValue, 'invalid signature')]
}

function validateKey({ asymmetricKeyType: type, asymmetricKeyDetails: details = {} }: KeyObject): FieldError[] {
  switch (type) {
    case 'ed25519':
      return []
    case 'ec': {
      const curve = details.namedCurve ?? ''
      if (curves.has(curve)) return []
      const name = curve === 'secp224r1' ? 'P-224' : curve
      return [fieldErrors.invalid(field, `curve ${name}`, 'elliptic public keys must use curve P256, P384, or P521')]
    }
    case 'rsa': {
      const bits = details.modulusLength ?? 0
      if (moduli.has(bits)) return []
      return [fieldErrors.invalid(field, `${bits}-bit modulus`, 'RSA keys must have modulus size 3072 or 4096')]
    }
    default: {
      const detail = 'unknown public key type; supported types are Ed25519, ECDSA, and RSA'
      return [fieldErrors.invalid(field, omitValue, detail)]
    }
  }
}
