import { createPublicKey, type KeyObject } from 'node:crypto'
import {
  type AlternativeNames,
  encodeAlternativeNames,
  noAlternativeNames,
  readAlternativeNames,
} from './alternative-names.ts'
import { extension, readExtension } from './certificate.ts'
import { childrenOf, DerError, der, expectTag, parseDer, readOid } from './der.ts'
import { encodeName, type Name, type NameAttribute, readName } from './name.ts'
import { signedDocument, verifySignature } from './signature.ts'

/** PKCS #10 certificate requests (RFC 2986), as certificates.k8s.io carries them. */
export interface CertificateRequest {
  readonly subject: Name
  readonly subjectAttributes: readonly NameAttribute[]
  readonly rawSubject: Buffer
  readonly publicKey: KeyObject
  readonly alternativeNames: AlternativeNames
  /** Whether whoever asks holds the private key of what is to be certified. */
  readonly signatureValid: boolean
}

const extensionRequest = '1.2.840.113549.1.9.14'
const alternativeNamesOid = '2.5.29.17'

export function createCertificateRequest(options: {
  readonly subject: Name
  readonly privateKey: KeyObject
  readonly alternativeNames?: AlternativeNames
}): Buffer {
  const { alternativeNames = noAlternativeNames } = options
  const hasNames = Object.values(alternativeNames).some((names: readonly string[]) => names.length > 0)
  const wanted = der.sequence(extension(alternativeNamesOid, false, encodeAlternativeNames(alternativeNames)))
  const body = der.sequence(
    der.integer(0),
    encodeName(options.subject),
    createPublicKey(options.privateKey).export({ type: 'spki', format: 'der' }),
    der.explicit(0, ...(hasNames ? [der.sequence(der.oid(extensionRequest), der.set(wanted))] : [])),
  )
  return signedDocument(body, options.privateKey)
}

/** Reads a request; throws DerError when it is malformed. */
export function parseCertificateRequest(bytes: Uint8Array): CertificateRequest {
  const [body, algorithm, signature] = childrenOf(expectTag(parseDer(bytes), 0x30, 'certificate request'))
  if (body === undefined || algorithm === undefined || signature === undefined)
    throw new DerError('malformed certificate request')
  const [version, subject, spki, attributes] = childrenOf(body)
  if (version === undefined || subject === undefined || spki === undefined)
    throw new DerError('malformed certificate request')
  let alternativeNames = noAlternativeNames
  for (const attribute of attributes === undefined ? [] : childrenOf(attributes)) {
    const [oid, values] = childrenOf(attribute)
    if (readOid(oid) !== extensionRequest || values === undefined) continue
    for (const extensions of childrenOf(values)) {
      for (const { oid: extensionOid, value } of childrenOf(extensions).map(readExtension))
        if (extensionOid === alternativeNamesOid) alternativeNames = readAlternativeNames(parseDer(value))
    }
  }
  const publicKey = createPublicKey({ key: spki.raw, format: 'der', type: 'spki' })
  const { name, attributes: subjectAttributes } = readName(subject)
  return {
    subject: name,
    subjectAttributes,
    rawSubject: subject.raw,
    publicKey,
    alternativeNames,
    signatureValid: verifySignature(body.raw, algorithm, signature, publicKey, 'request'),
  }
}
