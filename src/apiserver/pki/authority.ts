import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { Clock } from '../../machinery/clock.ts'
import {
  type Certificate,
  type CertificateTemplate,
  createCertificate,
  parseCertificate,
} from '../../machinery/x509/certificate.ts'
import { decodePem, encodePem } from '../../machinery/x509/pem.ts'
import { readFileIfThere, writePrivateFile } from './key-file.ts'

const dayMs = 24 * 3600 * 1000
/** As long as kubeadm's: ten years for authorities, one for what they sign. */
export const authorityLifetimeMs = 3650 * dayMs
export const certificateLifetimeMs = 365 * dayMs

/** Clocks of other machines may be behind: certificates hold from a little before now. */
export const backdateMs = 5 * 60 * 1000

/** A certificate authority of the cluster, with its key in memory. */
export interface Authority {
  readonly certificate: Certificate
  readonly certificatePem: string
  readonly certificateFile: string
  /** The DER of a certificate for `template`, from now on for `lifetimeMs`, never beyond the authority's own end. */
  sign(template: Omit<CertificateTemplate, 'notBefore' | 'notAfter'>, lifetimeMs?: number): Buffer
}

export function newKeyPair(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

export function privateKeyPem(key: KeyObject): string {
  return key.export({ type: key.asymmetricKeyType === 'rsa' ? 'pkcs1' : 'sec1', format: 'pem' }) as string
}

/**
 * Loads `base.crt` and `base.key`, or makes them. An authority near its end gets a new certificate for the same name
 * and key, so that everything it has signed stays valid.
 */
export function loadAuthority(options: {
  readonly base: string
  readonly commonName: string
  readonly clock: Clock
}): Authority {
  const { base, commonName, clock } = options
  const storedKey = readFileIfThere(`${base}.key`)
  const storedCertificate = readFileIfThere(`${base}.crt`)
  if (storedKey === undefined && storedCertificate !== undefined)
    throw new Error(
      `${base}.crt is there but its key ${base}.key is not: restore the key, or remove both for a new one`,
    )
  const privateKey = storedKey === undefined ? newKeyPair().privateKey : createPrivateKey(storedKey)
  const publicKey = createPublicKey(privateKey)

  let raw = storedCertificate === undefined ? undefined : decodePem(storedCertificate)[0]?.bytes
  if (raw !== undefined && !parseCertificate(raw).publicKey.equals(publicKey))
    throw new Error(`${base}.crt is not the certificate of the key ${base}.key: restore the pair that belongs together`)
  const now = clock.now()
  if (raw === undefined || parseCertificate(raw).notAfter - now < authorityLifetimeMs / 5) {
    const subject = raw === undefined ? { commonName } : parseCertificate(raw).rawSubject
    raw = createCertificate(
      {
        subject,
        publicKey,
        notBefore: now - backdateMs,
        notAfter: now + authorityLifetimeMs,
        keyUsage: ['digitalSignature', 'keyEncipherment', 'certSign'],
        isCa: true,
      },
      { subject, publicKey, privateKey },
    )
    if (storedKey === undefined) writePrivateFile(`${base}.key`, privateKeyPem(privateKey))
    writePrivateFile(`${base}.crt`, encodePem('CERTIFICATE', raw))
  }
  const certificate = parseCertificate(raw)
  return {
    certificate,
    certificatePem: encodePem('CERTIFICATE', raw),
    certificateFile: `${base}.crt`,
    sign(template, lifetimeMs = certificateLifetimeMs) {
      const from = clock.now()
      return createCertificate(
        {
          ...template,
          notBefore: Math.max(from - backdateMs, certificate.notBefore),
          notAfter: Math.min(from + lifetimeMs, certificate.notAfter),
        },
        { subject: certificate.rawSubject, publicKey, privateKey },
      )
    },
  }
}
