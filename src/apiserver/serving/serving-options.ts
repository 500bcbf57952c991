import type { ServerOptionValues } from '../options/server-options.ts'
import { cipherSuites, curvePreferences, type TlsVersion, tlsVersion } from './cipher-suites.ts'
import { type NamedCertificate, namedCertificate } from './named-certificate.ts'

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
  const chosen = (names: readonly string[] = []) => names.filter((name) => name !== '')
  const suites = chosen(values['tls-cipher-suites'])
  const curves = chosen(values['tls-curve-preferences'])
  const version = values['tls-min-version'] ?? ''
  return {
    minVersion: tlsVersion(version === '' ? 'VersionTLS12' : version),
    ciphers: suites.length === 0 ? undefined : cipherSuites(suites),
    curves: curves.length === 0 ? undefined : curvePreferences(curves),
    named: chosen(values['tls-sni-cert-key']).map(namedCertificate),
    http2: values['disable-http2-serving'] !== true,
    sharesPort: values['permit-port-sharing'] === true,
  }
}
