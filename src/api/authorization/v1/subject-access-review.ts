import { defineKind } from '../../define-kind.ts'
import type { SubjectAccessReview } from '../../types.generated.ts'

export const subjectAccessReviews = defineKind<SubjectAccessReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SubjectAccessReview',
})
