import type { UserInfo } from '../../api/user.ts'
import { badRequest } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import { authenticatedGroup, unauthenticatedGroup } from '../authentication/chain.ts'
import { authenticateToken, type TokenAuthenticator } from '../authentication/token-authenticator.ts'
import type { Review } from '../authorization/review.ts'

interface TokenReview extends KubeObject {
  readonly spec?: { readonly token?: string; readonly audiences?: readonly string[] }
}

/** pkg/registry/authentication/tokenreview/storage.go. `ownAudiences`: those of this server. */
export function createTokenReview(options: {
  readonly tokens: readonly TokenAuthenticator[]
  readonly ownAudiences: readonly string[]
}): Review {
  const { tokens, ownAudiences } = options
  return async (object) => {
    const { token, audiences: asked = [] } = (object as TokenReview).spec ?? {}
    if (!token) throw badRequest('token is required for TokenReview in authentication')
    const wanted = asked.length > 0 ? asked : ownAudiences
    const answer = (status: object) => ({ ...object, status }) as KubeObject
    try {
      const result = await authenticateToken(tokens, token, wanted)
      // A token that names no audience is for this server.
      const audiences = result?.audiences ?? ownAudiences.filter((one) => wanted.includes(one))
      if (result === undefined || audiences.length === 0) throw new Error('invalid bearer token')
      return answer({ authenticated: true, user: userInfo(withGroup(result.user)), audiences })
    } catch (error) {
      return answer({ user: {}, error: (error as Error).message })
    }
  }
}

function withGroup(user: UserInfo): UserInfo {
  const known = user.groups.includes(authenticatedGroup) || user.groups.includes(unauthenticatedGroup)
  return known ? user : { ...user, groups: [...user.groups, authenticatedGroup] }
}

/** A user as authentication.k8s.io/v1 UserInfo; what is empty is left out. */
export function userInfo(user: UserInfo): Record<string, unknown> {
  const { name, uid, groups, extra = {} } = user
  return {
    username: name || undefined,
    uid: uid || undefined,
    groups: groups.length > 0 ? groups : undefined,
    extra: Object.keys(extra).length > 0 ? extra : undefined,
  }
}
