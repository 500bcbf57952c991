import { type Clock, formatTime } from '../../machinery/clock.ts'
import type { KubeObject } from '../../machinery/meta/object.ts'
import type { Review } from '../authorization/review.ts'
import { userInfo } from './token-review.ts'

/** Tells the caller who it is (pkg/registry/authentication/selfsubjectreview/rest.go). */
export function createSelfSubjectReview(clock: Clock): Review {
  return async ({ apiVersion, kind }, { user }) =>
    ({
      apiVersion,
      kind,
      metadata: { creationTimestamp: formatTime(clock.now()) },
      status: { userInfo: userInfo(user) },
    }) as KubeObject
}
