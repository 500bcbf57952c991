import { defineKind } from '../../define-kind.ts'
import type { SelfSubjectReview } from '../../types.generated.ts'

export const selfSubjectReviews = defineKind<SelfSubjectReview>({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectReview',
})
