import type { ResourceDefinition } from '../../api/definition.ts'
import type { UserInfo } from '../../api/user.ts'

/** Who writes, where, and how the answer hears of warnings. */
export interface WriteScope {
  readonly user: UserInfo
  /** '' for cluster-scoped kinds. */
  readonly namespace: string
  readonly subresource: string
  /** Of the request: `create`, `update`, `patch`, … */
  readonly verb: string
  readonly dryRun: boolean
  readonly warn: (text: string) => void
  /** The version of the request. */
  readonly requested?: ResourceDefinition
}
