import type { Certificate } from '../../machinery/x509/certificate.ts'
import type { Authenticator } from './authenticator.ts'
import { combined } from './token-authenticator.ts'

/**
 * Asks one authenticator for each authority, of those that count now; what they threw counts only when none accepts. When the
 * authorities change, the next request goes by the new ones, whenever its connection was made.
 */
export function byAuthorities(
  name: string,
  authorities: () => readonly Certificate[],
  make: (authority: Certificate) => Authenticator,
): Authenticator {
  let known: readonly Certificate[] | undefined
  let authenticators: readonly Authenticator[] = []
  return {
    name,
    async authenticate(request) {
      const present = authorities()
      if (present !== known) {
        authenticators = present.map(make)
        known = present
      }
      if (request.clientCertificate === undefined) return undefined
      const errors: unknown[] = []
      for (const each of authenticators) {
        try {
          const result = await each.authenticate(request)
          if (result !== undefined) return result
        } catch (error) {
          errors.push(error)
        }
      }
      if (errors.length > 0) throw combined(errors)
      return undefined
    },
  }
}
