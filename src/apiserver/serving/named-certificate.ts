/** A certificate that is shown to those who ask for one of its names (--tls-sni-cert-key). */
export interface NamedCertificate {
  readonly certificateFile: string
  readonly privateKeyFile: string
  /** Patterns, `*.example.com`; none: those that the certificate names. */
  readonly names: readonly string[]
}

/** `CERT,KEY` or `CERT,KEY:NAME,NAME` (component-base cli/flag namedcertkey_flag.go). */
export function namedCertificate(text: string): NamedCertificate {
  const colon = text.indexOf(':')
  const files = colon < 0 ? text : text.slice(0, colon)
  const names = colon < 0 ? undefined : text.slice(colon + 1).trim()
  if (names === '') throw new Error('empty names list is not allowed')
  const [certificateFile = '', privateKeyFile, ...others] = files.split(',').map((file) => file.trim())
  if (privateKeyFile === undefined || others.length > 0)
    throw new Error('expected comma separated certificate and key file paths')
  return { certificateFile, privateKeyFile, names: names?.split(',').map((name) => name.trim()) ?? [] }
}
