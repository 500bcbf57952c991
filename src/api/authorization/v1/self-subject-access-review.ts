import { defineKind } from '../../define-kind.ts'
import type { SelfSubjectAccessReview } from '../../types.generated.ts'

export const selfSubjectAccessReviews = defineKind<SelfSubjectAccessReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectAccessReview',
})
