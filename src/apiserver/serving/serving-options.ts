import type { ServerOptionValues } from '../options/server-options.ts'
import { cipherSuites, curvePreferences, type TlsVersion, tlsVersion } from './cipher-suites.ts'

/** A certificate that is shown to those who ask for one of its names (--tls-sni-cert-key). */
export interface NamedCertificate {
  readonly certificateFile: string
  readonly privateKeyFile: string
  /** Patterns, `*.example.com`; none: those that the certificate names. */
  readonly names: readonly string[]
}

/** How connections are secured: what upstream's SecureServingOptions say (apiserver pkg/server/options/serving.go). */
export interface ServingOptions {
  readonly minVersion: TlsVersion
  /** Undefined: those that are usual. */
  readonly ciphers?: string
  readonly curves?: string
  readonly named: readonly NamedCertificate[]
  readonly http2: boolean
  /** Whether another process may listen at the same port, and share its connections. */
  readonly sharesPort: boolean
}

/** Throws an Error in upstream's words. */
export function servingOptions(values: ServerOptionValues): ServingOptions {
  const suites = values['tls-cipher-suites'] ?? []
  const curves = values['tls-curve-preferences'] ?? []
  const version = values['tls-min-version'] ?? ''
  return {
    minVersion: tlsVersion(version === '' ? 'VersionTLS12' : version),
    ciphers: suites.length === 0 ? undefined : cipherSuites(suites),
    curves: curves.length === 0 ? undefined : curvePreferences(curves),
    named: (values['tls-sni-cert-key'] ?? []).map(namedCertificate),
    http2: values['disable-http2-serving'] !== true,
    sharesPort: values['permit-port-sharing'] === true,
  }
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
