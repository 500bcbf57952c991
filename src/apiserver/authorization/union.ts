import type { AuthorizationResult, AuthorizationRules, Authorizer } from './authorizer.ts'

export interface NamedAuthorizer {
  readonly name: string
  readonly authorizer: Authorizer
}

/**
 * Asks in order until one allows or denies; the reasons of those without an opinion are joined, each after its
 * authorizer's name (apiserver pkg/authorization/union). Synchronous as long as its members are.
 */
export function createUnionAuthorizer(members: readonly NamedAuthorizer[]): Authorizer {
  const from = (
    start: number,
    attributes: Parameters<Authorizer['authorize']>[0],
    reasons: readonly string[],
    errors: readonly string[],
  ): AuthorizationResult | Promise<AuthorizationResult> => {
    for (let at = start; at < members.length; at++) {
      const { name, authorizer } = members[at]!
      const result = authorizer.authorize(attributes)
      const told = (reason: string) => reason && `${name}: ${reason}`
      if (result instanceof Promise)
        return result.then((late) =>
          late.decision !== 'noOpinion'
            ? late
            : from(at + 1, attributes, withText(reasons, told(late.reason)), withText(errors, late.error)),
        )
      if (result.decision !== 'noOpinion') return result
      reasons = withText(reasons, told(result.reason))
      errors = withText(errors, result.error)
    }
    return {
      decision: 'noOpinion',
      reason: reasons.join('\n'),
      error: errors.length === 0 ? undefined : errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`,
    }
  }
  return {
    authorize: (attributes) => from(0, attributes, [], []),
    async rulesFor(user, namespace) {
      const parts: AuthorizationRules[] = []
      for (const { authorizer } of members) {
        const part = await authorizer.rulesFor?.(user, namespace)
        if (part !== undefined) parts.push(part)
      }
      const errors = parts.flatMap(({ evaluationError }) => (evaluationError ? [evaluationError] : []))
      return {
        resourceRules: parts.flatMap(({ resourceRules }) => resourceRules),
        nonResourceRules: parts.flatMap(({ nonResourceRules }) => nonResourceRules),
        incomplete: parts.some(({ incomplete }) => incomplete),
        evaluationError: errors.length === 0 ? undefined : errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`,
      }
    },
  }
}

function withText(texts: readonly string[], text: string | undefined): readonly string[] {
  return text ? [...texts, text] : texts
}
