import type { AlternativeNames } from '../../machinery/x509/alternative-names.ts'
import type { Certificate } from '../../machinery/x509/certificate.ts'
import type { Name } from '../../machinery/x509/name.ts'
import type { Random } from '../../machinery/random.ts'

/** Whom a certificate is to name. */
export interface CertificateWish {
  readonly subject: Name
  readonly alternativeNames: AlternativeNames
}

/** Whether the certificate names all that is wished; more harms nothing (client-go certSatisfiesTemplate). */
export function satisfies({ subject, alternativeNames }: Certificate, wish: CertificateWish): boolean {
  const holds = (has: readonly string[] = [], wanted: readonly string[] = []) =>
    wanted.every((one) => has.includes(one))
  return (
    subject.commonName === wish.subject.commonName &&
    holds(subject.organizations, wish.subject.organizations) &&
    holds(alternativeNames.dnsNames, wish.alternativeNames.dnsNames) &&
    holds(alternativeNames.ipAddresses, wish.alternativeNames.ipAddresses)
  )
}

/**
 * When the successor is asked for, in epoch ms: after 70 to 90 % of the life, so that nodes that were made together do not
 * all ask at once (client-go util/certificate nextRotationDeadline, jitteryDuration).
 */
export function rotationDeadline({ notBefore, notAfter }: Certificate, random: Random): number {
  return notBefore + (notAfter - notBefore) * (0.7 + 0.2 * random.float())
}
