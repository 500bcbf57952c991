import type { UserInfo } from '../../api/user.ts'

/** One requirement of a selector that the request names (authorizer fieldSelector, labelSelector). */
export interface SelectorRequirement {
  readonly key: string
  readonly operator: string
  readonly values: readonly string[]
}

/** What a request wants to do (apiserver pkg/authorization/authorizer Attributes). */
export interface AuthorizationAttributes {
  readonly user: UserInfo
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`, …; for paths the lower-case method. */
  readonly verb: string
  readonly resourceRequest: boolean
  readonly namespace: string
  readonly apiGroup: string
  readonly apiVersion: string
  readonly resource: string
  readonly subresource: string
  readonly name: string
  /** The URL's path, of any request. */
  readonly path: string
  readonly fieldSelector?: readonly SelectorRequirement[]
  readonly labelSelector?: readonly SelectorRequirement[]
}

export type Decision = 'allow' | 'deny' | 'noOpinion'

export interface AuthorizationResult {
  readonly decision: Decision
  readonly reason: string
  /** Something went wrong while deciding; the text goes into SubjectAccessReview status.evaluationError. */
  readonly error?: string
}

/** Decides whether a request may pass. Must be quick: it is on the path of every request. */
export interface Authorizer {
  authorize(attributes: AuthorizationAttributes): AuthorizationResult | Promise<AuthorizationResult>
  /** What a user may do in a namespace, for SelfSubjectRulesReview. */
  rulesFor?(user: UserInfo, namespace: string): Promise<AuthorizationRules>
}

export interface AuthorizationRules {
  readonly resourceRules: readonly {
    readonly verbs: readonly string[]
    readonly apiGroups?: readonly string[]
    readonly resources?: readonly string[]
    readonly resourceNames?: readonly string[]
  }[]
  readonly nonResourceRules: readonly {
    readonly verbs: readonly string[]
    readonly nonResourceURLs?: readonly string[]
  }[]
  readonly incomplete: boolean
  readonly evaluationError?: string
}
