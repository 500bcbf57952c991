import { type ExtendedKeyUsage, type KeyUsage, keyUsages } from '../../machinery/x509/certificate.ts'
import { parseCertificateRequest } from '../../machinery/x509/certificate-request.ts'
import { decodePem, encodePem } from '../../machinery/x509/pem.ts'
import type { Authority } from './authority.ts'

/** The usages of certificates.k8s.io/v1 by what they are in a certificate (pkg/controller/certificates/signer/signer.go, client-go util/certificate/csr). */
const keyUsageOf: Readonly<Record<string, KeyUsage>> = {
  signing: 'digitalSignature',
  'digital signature': 'digitalSignature',
  'content commitment': 'contentCommitment',
  'key encipherment': 'keyEncipherment',
  'key agreement': 'keyAgreement',
  'data encipherment': 'dataEncipherment',
  'cert sign': 'certSign',
  'crl sign': 'crlSign',
  'encipher only': 'encipherOnly',
  'decipher only': 'decipherOnly',
}
const extendedKeyUsageOf: Readonly<Record<string, ExtendedKeyUsage>> = {
  any: 'any',
  'server auth': 'serverAuth',
  'client auth': 'clientAuth',
  'code signing': 'codeSigning',
  'email protection': 'emailProtection',
  's/mime': 'emailProtection',
  'ipsec end system': 'ipsecEndSystem',
  'ipsec tunnel': 'ipsecTunnel',
  'ipsec user': 'ipsecUser',
  timestamping: 'timeStamping',
  'ocsp signing': 'ocspSigning',
  'microsoft sgc': 'microsoftServerGatedCrypto',
  'netscape sgc': 'netscapeServerGatedCrypto',
}

/**
 * Signs an approved certificate request: its subject, names and key, the usages that were approved, for
 * `expirationSeconds` (at most a year). Returns PEM. Throws when a usage is unknown or the request does not verify.
 */
export function signCertificateRequest(
  authority: Authority,
  options: { readonly requestPem: string; readonly usages: readonly string[]; readonly expirationSeconds?: number },
): string {
  const block = decodePem(options.requestPem).find(({ type }) => type.endsWith('CERTIFICATE REQUEST'))
  if (block === undefined) throw new Error('PEM block type must be CERTIFICATE REQUEST')
  const request = parseCertificateRequest(block.bytes)
  if (!request.signatureValid) throw new Error('unable to verify certificate request signature')
  const wanted = new Set<KeyUsage>()
  const extended = new Set<ExtendedKeyUsage>()
  const unknown: string[] = []
  for (const usage of options.usages) {
    if (keyUsageOf[usage] !== undefined) wanted.add(keyUsageOf[usage])
    else if (extendedKeyUsageOf[usage] !== undefined) extended.add(extendedKeyUsageOf[usage])
    else unknown.push(usage)
  }
  if (unknown.length > 0) throw new Error(`unrecognized usage values: ${JSON.stringify(unknown)}`)
  const raw = authority.sign(
    {
      subject: request.rawSubject,
      publicKey: request.publicKey,
      keyUsage: keyUsages.filter((usage) => wanted.has(usage)),
      extendedKeyUsage: [...extended],
      alternativeNames: request.alternativeNames,
    },
    (options.expirationSeconds ?? 365 * 24 * 3600) * 1000,
  )
  return encodePem('CERTIFICATE', raw)
}
