import type { CertificateTemplate, ExtendedKeyUsage, KeyUsage } from '../../machinery/x509/certificate.ts'
import type { CertificateRequest } from '../../machinery/x509/certificate-request.ts'
import { encodePem } from '../../machinery/x509/pem.ts'

const minuteMs = 60_000
/** From so long before now certificates hold, for clocks of others may be behind. */
const backdateMs = 5 * minuteMs
const shortMs = 8 * 60 * minuteMs
const shortestMs = 10 * minuteMs

/** A certificate authority. `sign` gives the DER of a certificate that holds for `lifetimeMs` from now. */
export interface CertificateSigner {
  readonly certificate: { readonly notAfter: number }
  sign(template: Omit<CertificateTemplate, 'notBefore' | 'notAfter'>, lifetimeMs: number): Buffer
}

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
/** In Go's order of extended key usages, in which certificates list them. */
const extendedKeyUsageOf: readonly (readonly [usage: string, extended: ExtendedKeyUsage])[] = [
  ['any', 'any'],
  ['server auth', 'serverAuth'],
  ['client auth', 'clientAuth'],
  ['code signing', 'codeSigning'],
  ['email protection', 'emailProtection'],
  ['s/mime', 'emailProtection'],
  ['ipsec end system', 'ipsecEndSystem'],
  ['ipsec tunnel', 'ipsecTunnel'],
  ['ipsec user', 'ipsecUser'],
  ['timestamping', 'timeStamping'],
  ['ocsp signing', 'ocspSigning'],
  ['microsoft sgc', 'microsoftServerGatedCrypto'],
  ['netscape sgc', 'netscapeServerGatedCrypto'],
]

/** How long a certificate lives, when `expirationSeconds` were asked for (signer.go duration). */
export function lifetimeMs(expirationSeconds: number | undefined, longestMs: number): number {
  if (expirationSeconds === undefined) return longestMs
  return expirationSeconds * 1000 > longestMs ? longestMs : Math.max(shortestMs, expirationSeconds * 1000)
}

/**
 * The PEM of a certificate for what the request names, with the usages that were approved
 * (certificates/authority PermissiveSigningPolicy). Throws when the request is not to be signed.
 */
export function signRequest(options: {
  readonly request: CertificateRequest
  readonly usages: readonly string[]
  readonly lifetimeMs: number
  readonly signer: CertificateSigner
  readonly now: number
}): string {
  const { request, usages, signer, now } = options
  if (!request.signatureValid) throw new Error('unable to verify certificate request signature')
  const known = new Set([...Object.keys(keyUsageOf), ...extendedKeyUsageOf.map(([usage]) => usage)])
  const unknown = usages.filter((usage) => !known.has(usage))
  if (unknown.length > 0) {
    throw new Error(`unrecognized usage values: [${unknown.map((usage) => JSON.stringify(usage)).join(' ')}]`)
  }
  if (now >= signer.certificate.notAfter) {
    const expiry = new Date(signer.certificate.notAfter).toISOString()
    throw new Error(`refusing to sign a certificate that expired in the past: NotAfter=${expiry}`)
  }
  const certificate = signer.sign(
    {
      subject: request.rawSubject,
      publicKey: request.publicKey,
      keyUsage: [...new Set(usages.flatMap((usage) => keyUsageOf[usage] ?? []))],
      extendedKeyUsage: [
        ...new Set(extendedKeyUsageOf.filter(([usage]) => usages.includes(usage)).map(([, extended]) => extended)),
      ],
      alternativeNames: request.alternativeNames,
    },
    options.lifetimeMs < shortMs ? options.lifetimeMs : options.lifetimeMs - backdateMs,
  )
  return encodePem('CERTIFICATE', certificate)
}
