import { defineKind } from '../../define-kind.ts'
import type { SelfSubjectRulesReview } from '../../types.generated.ts'

export const selfSubjectRulesReviews = defineKind<SelfSubjectRulesReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectRulesReview',
})
