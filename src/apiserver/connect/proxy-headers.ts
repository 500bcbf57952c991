import type { HeaderMap } from '../http/exchange.ts'

/** Of this hop only (RFC 9110, 7.6.1), or credentials of the caller, which are the API server's to see and nobody else's. */
const dropped =
  /^(:|connection$|keep-alive$|proxy-|te$|trailer$|transfer-encoding$|upgrade$|http2-settings$|authorization$|impersonate-|x-remote-|host$)/

/** The caller's headers as a backend may see them. */
export function forwardedHeaders(headers: HeaderMap, remoteAddress: string): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !dropped.test(name)) kept[name] = value
  kept['x-forwarded-for'] = kept['x-forwarded-for'] ? `${kept['x-forwarded-for']}, ${remoteAddress}` : remoteAddress
  return kept
}

/** A backend's headers as the caller may see them. */
export function answeredHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !/^(connection|keep-alive|proxy-|transfer-encoding|upgrade|trailer)/.test(name))
      kept[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return kept
}
