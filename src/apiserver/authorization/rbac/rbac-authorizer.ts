import type { PolicyRule, RoleRef } from '../../../api/types.generated.ts'
import type { UserInfo } from '../../../api/user.ts'
import { aggregate } from '../../../machinery/errors.ts'
import type { AuthorizationAttributes, AuthorizationResult, Authorizer } from '../authorizer.ts'
import type { Grant, RoleIndex } from './role-index.ts'
import { ruleAllows } from './rule.ts'

/** What escalation checks and rule reviews read of RBAC beside decisions. */
export interface RuleResolver {
  /** All rules that apply to a user, and what could not be resolved. */
  resolve(
    user: UserInfo,
    namespace: string,
  ): { readonly rules: readonly PolicyRule[]; readonly errors: readonly string[] }
  /** Throws when the role is not there. */
  rulesOf(roleRef: RoleRef, namespace: string): readonly PolicyRule[]
}

const noOpinion: AuthorizationResult = { decision: 'noOpinion', reason: '' }

export interface RbacAuthorizer extends Authorizer, RuleResolver {
  authorize(attributes: AuthorizationAttributes): AuthorizationResult
}

/** RBAC (plugin/pkg/auth/authorizer/rbac/rbac.go). Synchronous: a decision takes microseconds. */
export function createRbacAuthorizer(index: RoleIndex): RbacAuthorizer {
  const resolver: RuleResolver = {
    resolve(user, namespace) {
      const rules: PolicyRule[] = []
      const errors: string[] = []
      for (const grant of index.grantsOf(user, namespace)) {
        try {
          rules.push(...index.rulesOf(grant.roleRef, grant.namespace))
        } catch (error) {
          errors.push((error as Error).message)
        }
      }
      return { rules, errors }
    },
    rulesOf: index.rulesOf,
  }
  return {
    ...resolver,
    async rulesFor(user, namespace) {
      const { rules, errors } = resolver.resolve(user, namespace)
      return {
        resourceRules: rules.filter(({ resources = [] }) => resources.length > 0),
        nonResourceRules: rules.filter(({ nonResourceURLs = [] }) => nonResourceURLs.length > 0),
        incomplete: false,
        evaluationError: errors.length === 0 ? undefined : aggregate(errors),
      }
    },
    authorize(attributes) {
      let errors: string[] | undefined
      for (const grant of index.grantsOf(attributes.user, attributes.namespace)) {
        let rules: readonly PolicyRule[]
        try {
          rules = index.rulesOf(grant.roleRef, grant.namespace)
        } catch (error) {
          errors = [...(errors ?? []), (error as Error).message]
          continue
        }
        for (const rule of rules)
          if (ruleAllows(rule, attributes)) return { decision: 'allow', reason: allowedBy(grant) }
      }
      return errors === undefined ? noOpinion : { decision: 'noOpinion', reason: `RBAC: ${aggregate(errors)}` }
    },
  }
}

const reasons = new WeakMap<Grant, string>()

function allowedBy(grant: Grant): string {
  let reason = reasons.get(grant)
  if (reason === undefined) {
    const { binding, namespace, roleRef, subject } = grant
    const quote = (text: string) => JSON.stringify(text)
    const source =
      namespace === '' ? `ClusterRoleBinding ${quote(binding)}` : `RoleBinding ${quote(`${binding}/${namespace}`)}`
    const who = subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace || namespace}` : subject.name
    reason = `RBAC: allowed by ${source} of ${roleRef.kind} ${quote(roleRef.name)} to ${subject.kind} ${quote(who)}`
    reasons.set(grant, reason)
  }
  return reason
}
