import type { Certificate } from '../../machinery/x509/certificate.ts'

/** A certificate with its private key. */
export interface KeyPair {
  /** PEM; the first certificate is the holder's, others lead to the authority. */
  readonly cert: string
  /** PEM. Never logged. */
  readonly key: string
  /** The first of `cert`. */
  readonly certificate: Certificate
}
