import { hash, timingSafeEqual } from 'node:crypto'
import type { UserInfo } from '../../api/user.ts'
import type { TokenAuthenticator } from './token-authenticator.ts'

/** Fixed tokens given at start (upstream's --token-auth-file); a default start has none. */
export function createStaticTokenAuthenticator(tokens: ReadonlyMap<string, UserInfo>): TokenAuthenticator {
  const digest = (token: string) => hash('sha256', token, 'buffer')
  const known = [...tokens].map(([token, user]) => ({ digest: digest(token), user }))
  return {
    name: 'static-token',
    authenticateToken(token) {
      const given = digest(token)
      const found = known.find((one) => timingSafeEqual(one.digest, given))
      return found && { user: found.user }
    },
  }
}
