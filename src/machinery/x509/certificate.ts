import { createHash, createPublicKey, type KeyObject, randomBytes } from 'node:crypto'
import {
  type AlternativeNames,
  encodeAlternativeNames,
  noAlternativeNames,
  readAlternativeNames,
} from './alternative-names.ts'
import { childrenOf, DerError, type DerElement, der, expectTag, parseDer, readOid, readTime } from './der.ts'
import { encodeName, type Name, type NameAttribute, readName } from './name.ts'
import { signatureAlgorithm, signedDocument, verifySignature } from './signature.ts'

/** Writing and reading X.509 certificates (RFC 5280), since node:crypto reads some of one and writes none. */
export type ExtendedKeyUsage = keyof typeof extendedKeyUsages
export const extendedKeyUsages = {
  any: '2.5.29.37.0',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  ipsecEndSystem: '1.3.6.1.5.5.7.3.5',
  ipsecTunnel: '1.3.6.1.5.5.7.3.6',
  ipsecUser: '1.3.6.1.5.5.7.3.7',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
  microsoftServerGatedCrypto: '1.3.6.1.4.1.311.10.3.3',
  netscapeServerGatedCrypto: '2.16.840.1.113730.4.1',
} as const

/** In the order of their bits (RFC 5280, 4.2.1.3). */
export const keyUsages = [
  'digitalSignature',
  'contentCommitment',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'certSign',
  'crlSign',
  'encipherOnly',
  'decipherOnly',
] as const
export type KeyUsage = (typeof keyUsages)[number]

export interface CertificateTemplate {
  /** A name, or one that was encoded already (from a request). */
  readonly subject: Name | Buffer
  readonly publicKey: KeyObject
  /** Epoch milliseconds. */
  readonly notBefore: number
  readonly notAfter: number
  readonly keyUsage: readonly KeyUsage[]
  readonly extendedKeyUsage?: readonly ExtendedKeyUsage[]
  readonly alternativeNames?: AlternativeNames
  readonly isCa?: boolean
}

/** Who signs. For a self-signed certificate: the subject and key of the template. */
export interface Issuer {
  readonly subject: Name | Buffer
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

const oids = {
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  alternativeNames: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
}

/** The DER of a certificate with a random 127-bit serial number. */
export function createCertificate(template: CertificateTemplate, issuer: Issuer): Buffer {
  const name = (subject: Name | Buffer) => (Buffer.isBuffer(subject) ? subject : encodeName(subject))
  const serial = randomBytes(16)
  serial[0] = (serial[0]! & 0x7f) | 0x01
  const { alternativeNames = noAlternativeNames, extendedKeyUsage = [] } = template
  const hasNames = Object.values(alternativeNames).some((names: readonly string[]) => names.length > 0)
  const extensions = [
    // One without any use is no certificate (RFC 5280, 4.2.1.3): OpenSSL refuses it.
    template.keyUsage.length > 0 && extension(oids.keyUsage, true, encodeKeyUsage(template.keyUsage)),
    extendedKeyUsage.length > 0 &&
      extension(
        oids.extendedKeyUsage,
        false,
        der.sequence(...extendedKeyUsage.map((usage) => der.oid(extendedKeyUsages[usage]))),
      ),
    extension(oids.basicConstraints, true, template.isCa ? der.sequence(der.boolean(true)) : der.sequence()),
    template.isCa === true && extension(oids.subjectKeyId, false, der.octetString(keyId(template.publicKey))),
    extension(oids.authorityKeyId, false, der.sequence(der.implicit(0, keyId(issuer.publicKey)))),
    hasNames && extension(oids.alternativeNames, false, encodeAlternativeNames(alternativeNames)),
  ]
  const body = der.sequence(
    der.explicit(0, der.integer(2)),
    der.integer(serial),
    signatureAlgorithm(issuer.privateKey),
    name(issuer.subject),
    der.sequence(der.time(template.notBefore), der.time(template.notAfter)),
    name(template.subject),
    template.publicKey.export({ type: 'spki', format: 'der' }),
    der.explicit(3, der.sequence(...extensions.filter((one) => one !== false))),
  )
  return signedDocument(body, issuer.privateKey)
}

export function extension(oid: string, critical: boolean, value: Buffer): Buffer {
  return der.sequence(der.oid(oid), ...(critical ? [der.boolean(true)] : []), der.octetString(value))
}

function encodeKeyUsage(usages: readonly KeyUsage[]): Buffer {
  const indexes = usages.map((usage) => keyUsages.indexOf(usage))
  const highest = Math.max(-1, ...indexes)
  const bytes = Buffer.alloc(highest < 0 ? 0 : (highest >> 3) + 1)
  for (const index of indexes) bytes[index >> 3]! |= 0x80 >> (index & 7)
  return der.bitString(bytes, highest < 0 ? 0 : 7 - (highest & 7))
}

function keyId(key: KeyObject): Buffer {
  const [, bits] = childrenOf(parseDer(key.export({ type: 'spki', format: 'der' })))
  return createHash('sha1')
    .update(expectTag(bits, 0x03, 'public key').content.subarray(1))
    .digest()
}

export interface Certificate {
  readonly raw: Buffer
  readonly serial: Buffer
  readonly subject: Name
  readonly subjectAttributes: readonly NameAttribute[]
  readonly rawSubject: Buffer
  readonly issuer: Name
  readonly rawIssuer: Buffer
  /** Epoch milliseconds. */
  readonly notBefore: number
  readonly notAfter: number
  readonly publicKey: KeyObject
  readonly isCa: boolean
  readonly keyUsage: readonly KeyUsage[]
  /** Object identifiers; empty when the extension is absent, which allows every use. */
  readonly extendedKeyUsage: readonly string[]
  readonly alternativeNames: AlternativeNames
  readonly subjectKeyId?: Buffer
  readonly authorityKeyId?: Buffer
  /** Whether the holder of `key` signed it. */
  signedBy(key: KeyObject): boolean
}

/** Reads a certificate; throws DerError when it is malformed. Critical extensions that are not understood are refused. */
export function parseCertificate(bytes: Uint8Array): Certificate {
  const outer = expectTag(parseDer(bytes), 0x30, 'certificate')
  const [body, algorithm, signature] = childrenOf(outer)
  if (body === undefined || algorithm === undefined || signature === undefined)
    throw new DerError('malformed certificate')
  const fields = childrenOf(body)
  if (fields[0]?.tag === 0xa0) fields.shift()
  const [serial, , issuer, validity, subject, spki, ...rest] = fields
  if (issuer === undefined || validity === undefined || subject === undefined || spki === undefined)
    throw new DerError('malformed certificate')
  const [notBefore, notAfter] = childrenOf(validity)
  const { name, attributes } = readName(subject)
  return {
    raw: outer.raw,
    serial: expectTag(serial, 0x02, 'serial number').content,
    subject: name,
    subjectAttributes: attributes,
    rawSubject: subject.raw,
    issuer: readName(issuer).name,
    rawIssuer: issuer.raw,
    notBefore: readTime(notBefore),
    notAfter: readTime(notAfter),
    publicKey: createPublicKey({ key: spki.raw, format: 'der', type: 'spki' }),
    ...readExtensions(rest.find(({ tag }) => tag === 0xa3)),
    signedBy: (key) => verifySignature(body.raw, algorithm, signature, key),
  }
}

type Extensions = Pick<
  Certificate,
  'isCa' | 'keyUsage' | 'extendedKeyUsage' | 'alternativeNames' | 'subjectKeyId' | 'authorityKeyId'
>

function readExtensions(wrapper: DerElement | undefined): Extensions {
  const found: { -readonly [Field in keyof Extensions]: Extensions[Field] } = {
    isCa: false,
    keyUsage: [],
    extendedKeyUsage: [],
    alternativeNames: noAlternativeNames,
  }
  const list = wrapper === undefined ? [] : childrenOf(expectTag(childrenOf(wrapper)[0], 0x30, 'extensions'))
  for (const { oid, critical, value } of list.map(readExtension)) {
    const inner = parseDer(value)
    if (oid === oids.basicConstraints)
      found.isCa = childrenOf(inner)[0]?.tag === 0x01 && childrenOf(inner)[0]!.content[0] !== 0
    else if (oid === oids.keyUsage) found.keyUsage = readKeyUsage(inner)
    else if (oid === oids.extendedKeyUsage) found.extendedKeyUsage = childrenOf(inner).map(readOid)
    else if (oid === oids.alternativeNames) found.alternativeNames = readAlternativeNames(inner)
    else if (oid === oids.subjectKeyId) found.subjectKeyId = inner.content
    else if (oid === oids.authorityKeyId)
      found.authorityKeyId = childrenOf(inner).find(({ tag }) => tag === 0x80)?.content
    else if (critical) throw new DerError(`critical extension ${oid} is not understood`)
  }
  return found
}

export function readExtension(found: DerElement): { oid: string; critical: boolean; value: Buffer } {
  const parts = childrenOf(found)
  const critical = parts[1]?.tag === 0x01 && parts[1].content[0] !== 0
  return { oid: readOid(parts[0]), critical, value: expectTag(parts.at(-1), 0x04, 'extension').content }
}

function readKeyUsage(bits: DerElement): KeyUsage[] {
  const bytes = expectTag(bits, 0x03, 'key usage').content.subarray(1)
  return keyUsages.filter((_, index) => ((bytes[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0)
}
