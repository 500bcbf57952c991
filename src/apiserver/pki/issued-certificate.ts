import { createPrivateKey, createPublicKey } from 'node:crypto'
import type { Clock } from '../../machinery/clock.ts'
import { type AlternativeNames, noAlternativeNames } from '../../machinery/x509/alternative-names.ts'
import { type ExtendedKeyUsage, extendedKeyUsages, parseCertificate } from '../../machinery/x509/certificate.ts'
import { encodeName, type Name } from '../../machinery/x509/name.ts'
import { decodePem, encodePem } from '../../machinery/x509/pem.ts'
import { type Authority, newKeyPair, privateKeyPem } from './authority.ts'
import { readFileIfThere, writePrivateFile } from './key-file.ts'

/** A certificate and its private key, in memory and on disk. */
export interface IssuedCertificate {
  readonly certificatePem: string
  readonly privateKeyPem: string
  readonly certificateFile: string
  readonly privateKeyFile: string
  /** Epoch milliseconds. Asking again when a fifth of its life is left gives a new one. */
  readonly notAfter: number
}

export interface CertificateWish {
  readonly subject: Name
  readonly usage: readonly ExtendedKeyUsage[]
  readonly alternativeNames?: AlternativeNames
}

/**
 * `base.crt` and `base.key` as they are when they still fulfil the wish, else new ones: when there are none, when
 * subject, usage or names differ, when another authority signed, or when less than a fifth of the life is left.
 */
export function loadIssuedCertificate(
  base: string,
  authority: Authority,
  wish: CertificateWish,
  clock: Clock,
): IssuedCertificate {
  const files = { certificateFile: `${base}.crt`, privateKeyFile: `${base}.key` }
  const certificatePem = readFileIfThere(files.certificateFile)
  const keyPem = readFileIfThere(files.privateKeyFile)
  if (certificatePem !== undefined && keyPem !== undefined) {
    const notAfter = endOfUsable(certificatePem, keyPem, authority, wish, clock.now())
    if (notAfter !== undefined) return { certificatePem, privateKeyPem: keyPem, ...files, notAfter }
  }
  const { publicKey, privateKey } = newKeyPair()
  const raw = authority.sign({
    subject: wish.subject,
    publicKey,
    keyUsage: ['digitalSignature', 'keyEncipherment'],
    extendedKeyUsage: wish.usage,
    alternativeNames: wish.alternativeNames,
  })
  const made = { certificatePem: encodePem('CERTIFICATE', raw), privateKeyPem: privateKeyPem(privateKey) }
  // The key first: a certificate without its key is made anew, a key without its certificate too.
  writePrivateFile(files.privateKeyFile, made.privateKeyPem)
  writePrivateFile(files.certificateFile, made.certificatePem)
  return { ...made, ...files, notAfter: parseCertificate(raw).notAfter }
}

function endOfUsable(
  certificatePem: string,
  keyPem: string,
  authority: Authority,
  wish: CertificateWish,
  now: number,
): number | undefined {
  try {
    const certificate = parseCertificate(decodePem(certificatePem)[0]?.bytes ?? Buffer.of())
    const names = (from: AlternativeNames) => JSON.stringify([from.dnsNames, from.ipAddresses])
    const usable =
      certificate.signedBy(authority.certificate.publicKey) &&
      certificate.rawSubject.equals(encodeName(wish.subject)) &&
      names(certificate.alternativeNames) === names(wish.alternativeNames ?? noAlternativeNames) &&
      wish.usage.every((usage) => certificate.extendedKeyUsage.includes(extendedKeyUsages[usage])) &&
      certificate.notAfter - now > (certificate.notAfter - certificate.notBefore) / 5 &&
      certificate.notBefore <= now &&
      certificate.publicKey.equals(createPublicKey(createPrivateKey(keyPem)))
    return usable ? certificate.notAfter : undefined
  } catch {
    // Unreadable files are replaced: nothing hangs on a leaf's key.
    return undefined
  }
}
