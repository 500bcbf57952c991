import type { UserInfo } from '../../../api/user.ts'

/** Whether a user is a kubelet, and of which node; '' when it does not say which (pkg/auth/nodeidentifier/default.go). */
export function nodeIdentity(user: UserInfo): string | undefined {
  if (!user.name.startsWith('system:node:') || !user.groups.includes('system:nodes')) return undefined
  return user.name.slice('system:node:'.length)
}
