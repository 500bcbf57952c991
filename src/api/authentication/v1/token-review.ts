import { defineKind } from '../../define-kind.ts'
import type { TokenReview } from '../../types.generated.ts'

export const tokenReviews = defineKind<TokenReview>({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenReview',
})
