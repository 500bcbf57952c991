import type { Clock } from '../../machinery/clock.ts'
import type { Certificate } from '../../machinery/x509/certificate.ts'
import { type FrontProxyOptions, usualFrontProxy } from '../options/front-proxy-options.ts'
import type { AuthenticationRequest, Authenticator } from './authenticator.ts'
import { createChainVerifier } from './client-certificate.ts'

/**
 * A proxy that holds a certificate of the front-proxy authority says by headers for whom it asks (apiserver
 * pkg/authentication/request/headerrequest). The headers of anyone else count for nothing, and whoever forwards a
 * request must take them off.
 */
export function createFrontProxyAuthenticator(options: {
  readonly authority: Certificate
  /** Default: as kubeadm has it. */
  readonly proxies?: FrontProxyOptions
  readonly clock: Clock
}): Authenticator {
  const { allowedNames, ...headers } = options.proxies ?? usualFrontProxy
  const lower = (names: readonly string[]) => names.map((name) => name.toLowerCase())
  const users = lower(headers.usernameHeaders)
  const uids = lower(headers.uidHeaders)
  const groups = lower(headers.groupHeaders)
  const prefixes = lower(headers.extraPrefixes)
  const verify = createChainVerifier(options)
  return {
    name: 'front-proxy',
    authenticate(request) {
      const name = firstOf(request, users)
      // Hardly any request has these headers: the others are spared the walk to an authority that is not theirs.
      if (request.clientCertificate === undefined || name === undefined) return undefined
      const { subject } = verify(request.clientCertificate)
      if (allowedNames.length > 0 && !allowedNames.includes(subject.commonName ?? ''))
        throw new Error(`x509: subject with cn=${subject.commonName} is not in the allowed list`)
      return {
        user: {
          name,
          uid: firstOf(request, uids),
          groups: groups.flatMap((header) => headerValues(request, header)).filter((group) => group !== ''),
          extra: mergedExtra(prefixes.map((prefix) => extraOf(request, prefix))),
        },
      }
    },
  }
}

/** The first of these headers that says something. */
function firstOf(request: AuthenticationRequest, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = headerValue(request, name)
    if (value) return value
  }
  return undefined
}

function mergedExtra(parts: readonly Record<string, readonly string[]>[]): Record<string, readonly string[]> {
  const merged: Record<string, readonly string[]> = {}
  for (const part of parts)
    for (const [key, values] of Object.entries(part)) merged[key] = [...(merged[key] ?? []), ...values]
  return merged
}

/** Every value of a header, however often it came. */
export function headerValues(request: AuthenticationRequest, name: string): readonly string[] {
  if (request.headerValues !== undefined) return request.headerValues(name)
  const value = request.headers[name]
  return value === undefined ? [] : [value]
}

/** The first one, which counts where there should be one (Go's http.Header.Get). */
export function headerValue(request: AuthenticationRequest, name: string): string | undefined {
  return request.headers[name] === undefined ? undefined : headerValues(request, name)[0]
}

/** What headers with this prefix say, by their key: lower case, percent-decoded where that is possible. */
export function extraOf(request: AuthenticationRequest, prefix: string): Record<string, readonly string[]> {
  const extra: Record<string, readonly string[]> = {}
  for (const header of Object.keys(request.headers)) {
    if (!header.startsWith(prefix) || request.headers[header] === undefined) continue
    const key = decodeKey(header.slice(prefix.length))
    extra[key] = [...(extra[key] ?? []), ...headerValues(request, header)]
  }
  return extra
}

function decodeKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded)
  } catch {
    return encoded
  }
}
