import type { AuthenticationRequest, AuthenticationResult, Authenticator } from './authenticator.ts'
import { authenticateToken, type TokenAuthenticator } from './token-authenticator.ts'

/** `Authorization: Bearer TOKEN` (apiserver pkg/authentication/request/bearertoken). */
export function createBearerTokenAuthenticator(tokens: readonly TokenAuthenticator[]): Authenticator {
  return {
    name: 'bearer-token',
    authenticate(request) {
      const token = bearerTokenOf(request)
      return token === undefined ? undefined : accepted(tokens, token)
    },
  }
}

async function accepted(tokens: readonly TokenAuthenticator[], token: string): Promise<AuthenticationResult> {
  const result = await authenticateToken(tokens, token)
  if (result === undefined) throw new Error('invalid bearer token')
  return result
}

function bearerTokenOf({ headers }: AuthenticationRequest): string | undefined {
  const header = headers.authorization?.trim()
  if (!header) return undefined
  const [scheme = '', token] = header.split(' ', 3)
  return scheme.toLowerCase() === 'bearer' && token ? token : undefined
}

/** Browsers cannot set headers on WebSockets, so the token comes as a subprotocol (pkg/authentication/request/websocket). */
export const bearerProtocolPrefix = 'base64url.bearer.authorization.k8s.io.'

export function createWebSocketTokenAuthenticator(tokens: readonly TokenAuthenticator[]): Authenticator {
  return {
    name: 'websocket-token',
    authenticate({ headers }) {
      if (headers.upgrade?.toLowerCase() !== 'websocket') return undefined
      const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((protocol) => protocol.trim())
      const carriers = protocols.filter((protocol) => protocol.startsWith(bearerProtocolPrefix))
      if (carriers.length === 0) return undefined
      if (carriers.length > 1) throw new Error('multiple base64.bearer.authorization tokens specified')
      const encoded = carriers[0]!.slice(bearerProtocolPrefix.length)
      if (!/^[A-Za-z0-9_-]*$/.test(encoded)) throw new Error('invalid base64.bearer.authorization token encoding')
      const token = Buffer.from(encoded, 'base64url').toString('utf8')
      if (token === '') return undefined
      // Another protocol must be there to be echoed, since the one with the token never is.
      if (protocols.length < 2) throw new Error('missing additional subprotocol')
      return accepted(tokens, token)
    },
  }
}
