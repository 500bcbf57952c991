import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import { parseCertificate } from '../../machinery/x509/certificate.ts'
import { decodePem } from '../../machinery/x509/pem.ts'
import { givenServing } from '../pki/given-files.ts'
import type { NamedCertificate } from './named-certificate.ts'

/** The context of a certificate for the name that a client asks for; undefined: the usual one. */
export type ContextByName = (serverName: string) => SecureContext | undefined

/**
 * Reads the certificates that are shown by name (dynamiccertificates named_certificates.go): names that were given go before
 * those that certificates tell, earlier certificates before later ones, a name before a pattern. Throws an Error that names
 * the file that is wrong.
 */
export function namedCertificates(
  named: readonly NamedCertificate[],
  more: Omit<SecureContextOptions, 'cert' | 'key'>,
): ContextByName {
  const given = new Map<string, SecureContext>()
  const told = new Map<string, SecureContext>()
  for (const { certificateFile, privateKeyFile, names } of named) {
    const { certificatePem, privateKeyPem } = givenServing({ certificateFile, privateKeyFile })
    const context = createSecureContext({ ...more, cert: certificatePem, key: privateKeyPem })
    const into = names.length > 0 ? given : told
    for (const name of names.length > 0 ? names : namesOf(certificatePem))
      if (!into.has(name.toLowerCase())) into.set(name.toLowerCase(), context)
  }
  return (serverName) => {
    const name = serverName.toLowerCase()
    const pattern = `*${name.slice(Math.max(0, name.indexOf('.')))}`
    return given.get(name) ?? told.get(name) ?? given.get(pattern) ?? told.get(pattern)
  }
}

function namesOf(certificatePem: string): readonly string[] {
  const { subject, alternativeNames } = parseCertificate(decodePem(certificatePem)[0]!.bytes)
  const { dnsNames, ipAddresses } = alternativeNames
  return [...(subject.commonName && dnsNames.length === 0 ? [subject.commonName] : []), ...dnsNames, ...ipAddresses]
}
