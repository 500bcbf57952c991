import type { IncomingMessage } from 'node:http'

/** What a connection is told before it is closed, for its request is none (Go's net/http, conn.serve). */
export function refusalText(status: string, detail?: string, body?: string): string {
  const line = detail === undefined ? status : `${status}: ${detail}`
  return `HTTP/1.1 ${line}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${body ?? line}`
}

const badRequest = '400 Bad Request'

/** Of what the parser of Node.js takes for no HTTP. */
export function refusalOfError(error: NodeJS.ErrnoException & { readonly reason?: string }): string {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return refusalText('431 Request Header Fields Too Large')
    case 'HPE_INVALID_TRANSFER_ENCODING':
      return unsupportedEncoding()
    default:
      return refusalText(badRequest)
  }
}

const unsupportedEncoding = () => refusalText('501 Not Implemented', undefined, 'Unsupported transfer encoding')

/** ValidHostHeader: bytes that a host or an address may have. */
const validHost = /^[0-9A-Za-z!$%&()*+,\-.:;=[\]'_~]*$/

/**
 * Of requests that Node.js takes though they tell two things at once: to which host they go, or where they end. Undefined:
 * nothing is wrong (Go's net/http, conn.readRequest and transferReader.parseTransferEncoding).
 */
export function refusalOf({ headers, rawHeaders, httpVersion, method }: IncomingMessage): string | undefined {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') {
    return refusalText('505 HTTP Version Not Supported', 'unsupported protocol version')
  }
  const { host } = headers
  if (host === undefined) {
    const needed = httpVersion === '1.1' && method !== 'CONNECT'
    if (needed) return refusalText(badRequest, 'missing required Host header')
  } else {
    if (isRepeated('host', rawHeaders)) return refusalText(badRequest)
    if (!validHost.test(host)) return refusalText(badRequest, 'malformed Host header')
  }
  const encoding = headers['transfer-encoding']
  if (encoding === undefined) return undefined
  // Nobody else agrees where such a body ends (RFC 9112, 6.1); Go says that there is none.
  if (httpVersion === '1.0') return refusalText(badRequest)
  return encoding.toLowerCase() === 'chunked' ? undefined : unsupportedEncoding()
}

function isRepeated(name: string, rawHeaders: readonly string[]): boolean {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const each = rawHeaders[at]!
    if (each.length === name.length && each.toLowerCase() === name) count++
  }
  return count > 1
}
