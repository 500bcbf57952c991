import type { Authorizer } from './authorizer.ts'

/** system:masters may do everything, before any role is read (apiserver pkg/authorization/authorizerfactory). */
export function createPrivilegedGroupAuthorizer(group = 'system:masters'): Authorizer {
  return { authorize: ({ user }) => ({ decision: user.groups.includes(group) ? 'allow' : 'noOpinion', reason: '' }) }
}
