import { badRequest, requestEntityTooLarge } from '../../machinery/errors.ts'
import type { RequestBody, ServerRequest } from '../request.ts'
import { parseTarget } from '../routing/path.ts'
import { Query } from '../routing/query.ts'
import type { Exchange } from './exchange.ts'

/** Upstream's limit of a request's body (MaxRequestBodyBytes). */
export const maxBodyBytes = 3 * 1024 * 1024

/** Throws BadRequest for paths that are no paths. */
export function requestOfExchange(exchange: Exchange): ServerRequest {
  const target = parseTarget(exchange.target)
  return {
    method: exchange.method,
    path: target.path,
    segments: target.segments,
    rawSegments: target.rawSegments,
    query: Query.parse(target.query),
    headers: exchange.headers,
    headerValues: (name) => exchange.headerValues(name),
    remoteAddress: exchange.remoteAddress,
    clientCertificate: exchange.clientCertificate,
    body: () => readBody(exchange),
    get signal() {
      return exchange.signal
    },
    exchange,
  }
}

function readBody(exchange: Exchange): Promise<RequestBody> {
  // Known to be too large, it is read as far as it may be, as upstream does, but not kept.
  const isTooLarge = Number(exchange.headers['content-length'] ?? 0) > maxBodyBytes
  const { readable } = exchange
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    let complete = false
    readable.on('data', (chunk: Buffer) => {
      length += chunk.byteLength
      if (length > maxBodyBytes) {
        readable.removeAllListeners('data')
        readable.resume()
        reject(requestEntityTooLarge(`limit is ${maxBodyBytes}`))
      } else if (!isTooLarge) chunks.push(chunk)
    })
    readable.on('end', () => {
      complete = true
      resolve({ type: 'bytes', bytes: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks) })
    })
    // Once the answer is given, nobody hears any more how the body went on; who waits for it holds a seat. A stream of HTTP/2
    // closes with its answer.
    if (exchange.protocol === 'HTTP/1.1') {
      exchange.signal.addEventListener('abort', () => {
        if (!complete) reject(badRequest('unexpected EOF'))
      })
    }
    readable.on('error', (error) => reject(badRequest(`unable to read the request body: ${error.message}`)))
    readable.on('close', () => {
      // Every stream closes in the end; only one that ended too early is a fault.
      if (!complete) reject(badRequest('unexpected EOF'))
    })
  })
}
