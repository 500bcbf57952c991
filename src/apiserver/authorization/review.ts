import type { UserInfo } from '../../api/user.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { AuthenticationRequest } from '../authentication/authenticator.ts'

export interface ReviewContext {
  readonly user: UserInfo
  /** The request's namespace; '' for cluster-scoped reviews. */
  readonly namespace: string
  readonly request: AuthenticationRequest
  readonly dryRun: boolean
}

/**
 * A kind that is only ever created, answered and forgotten: TokenReview, SubjectAccessReview and its siblings,
 * SelfSubjectReview. Takes the decoded, defaulted object and returns it with its status. Throws ApiError to refuse.
 */
export type Review = (object: KubeObject, context: ReviewContext) => Promise<KubeObject>

/** By `resource.group`, e.g. `tokenreviews.authentication.k8s.io`. */
export type Reviews = Readonly<Record<string, Review>>
