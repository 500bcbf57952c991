import type { AuthenticationResult } from './authenticator.ts'

/**
 * Tells who holds a bearer token. `undefined`: no token of my kind. Throws when it is one of my kind and does not hold;
 * the text says why and is never shown to the client, save in a TokenReview.
 */
export interface TokenAuthenticator {
  readonly name: string
  /** `audiences`: for whom the token must be meant; absent: for this server. */
  authenticateToken(
    token: string,
    audiences?: readonly string[],
  ): AuthenticationResult | undefined | Promise<AuthenticationResult | undefined>
}

/** Asks each in order; what they threw counts only when none accepts (apiserver pkg/authentication/token/union). */
export async function authenticateToken(
  authenticators: readonly TokenAuthenticator[],
  token: string,
  audiences?: readonly string[],
): Promise<AuthenticationResult | undefined> {
  const errors: unknown[] = []
  for (const authenticator of authenticators) {
    try {
      const result = await authenticator.authenticateToken(token, audiences)
      if (result !== undefined) return result
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length > 0) throw combined(errors)
  return undefined
}

/** Several errors as one, with upstream's aggregate text. */
export function combined(errors: readonly unknown[]): Error {
  if (errors.length === 1 && errors[0] instanceof Error) return errors[0]
  const texts = [...new Set(errors.map((error) => (error instanceof Error ? error.message : String(error))))]
  return new Error(texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`, { cause: errors[0] })
}
