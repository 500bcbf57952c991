import { defineKind } from '../../define-kind.ts'
import type { LocalSubjectAccessReview } from '../../types.generated.ts'

export const localSubjectAccessReviews = defineKind<LocalSubjectAccessReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'LocalSubjectAccessReview',
})
