import { unauthorized } from '../../machinery/errors.ts'
import type { Logger } from '../../machinery/log.ts'
import type { AuthenticationRequest, AuthenticationResult, Authenticator } from './authenticator.ts'
import { combined } from './token-authenticator.ts'

export const anonymousUser = 'system:anonymous'
export const authenticatedGroup = 'system:authenticated'
export const unauthenticatedGroup = 'system:unauthenticated'

/** Whether requests without a credential are somebody (upstream's AuthenticationConfiguration anonymous). */
export interface AnonymousOptions {
  readonly enabled: boolean
  /** Only on these paths; empty: on all. */
  readonly paths?: readonly string[]
}

/**
 * Asks the authenticators in order; the first that knows the caller decides. An error of one counts only when none
 * accepts, and then the request is refused rather than anonymous (pkg/kubeapiserver/authenticator/config.go). Throws
 * 401, with the cause when a credential does not hold; that is logged, and told to nobody.
 */
export function createAuthenticationChain(options: {
  readonly authenticators: readonly Authenticator[]
  readonly anonymous: AnonymousOptions
  readonly log: Logger
}): { authenticate(request: AuthenticationRequest): Promise<AuthenticationResult> } {
  const { authenticators, anonymous, log } = options
  return {
    async authenticate(request) {
      const errors: unknown[] = []
      for (const authenticator of authenticators) {
        try {
          const result = await authenticator.authenticate(request)
          if (result !== undefined) return withAuthenticatedGroup(result)
        } catch (error) {
          errors.push(error)
        }
      }
      if (errors.length > 0) {
        const cause = combined(errors)
        log.warn('unable to authenticate the request', { path: request.path, why: cause.message })
        throw Object.assign(unauthorized(), { cause })
      }
      const { enabled, paths = [] } = anonymous
      if (!enabled || (paths.length > 0 && !paths.includes(request.path))) throw unauthorized()
      return { user: { name: anonymousUser, groups: [unauthenticatedGroup] } }
    },
  }
}

const completed = new WeakMap<object, AuthenticationResult>()

/** apiserver pkg/authentication/group/authenticated_group_adder.go. Users that authenticators share are completed once. */
function withAuthenticatedGroup(result: AuthenticationResult): AuthenticationResult {
  const { user } = result
  if (user.name === anonymousUser) return result
  if (user.groups.includes(authenticatedGroup) || user.groups.includes(unauthenticatedGroup)) return result
  const known = completed.get(user)
  if (known !== undefined && known.audiences === result.audiences) return known
  const made = { ...result, user: { ...user, groups: [...user.groups, authenticatedGroup] } }
  completed.set(user, made)
  return made
}
