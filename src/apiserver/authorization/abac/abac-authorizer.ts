import type { UserInfo } from '../../../api/user.ts'
import type { AuthorizationAttributes, Authorizer } from '../authorizer.ts'
import type { AbacPolicy } from './policy-file.ts'

const reading = ['get', 'list', 'watch']

/** Decides by the lines of a file (pkg/auth/authorizer/abac). */
export function createAbacAuthorizer(policies: readonly AbacPolicy[]): Authorizer {
  return {
    authorize: (attributes) =>
      policies.some((policy) => matches(policy, attributes))
        ? { decision: 'allow', reason: '' }
        : { decision: 'noOpinion', reason: 'No policy matched.' },
    async rulesFor(user, namespace) {
      const own = policies.filter(
        (policy) => subjectMatches(policy, user) && (policy.namespace === '*' || policy.namespace === namespace),
      )
      const verbs = (policy: AbacPolicy) => (policy.readonly ? reading : ['*'])
      return {
        resourceRules: own
          .filter(({ resource }) => resource !== '')
          .map((policy) => ({ verbs: verbs(policy), apiGroups: [policy.apiGroup], resources: [policy.resource] })),
        nonResourceRules: own
          .filter(({ nonResourcePath }) => nonResourcePath !== '')
          .map((policy) => ({ verbs: verbs(policy), nonResourceURLs: [policy.nonResourcePath] })),
        incomplete: false,
      }
    },
  }
}

function matches(policy: AbacPolicy, attributes: AuthorizationAttributes): boolean {
  if (!subjectMatches(policy, attributes.user)) return false
  if (policy.readonly && !reading.includes(attributes.verb)) return false
  return attributes.resourceRequest
    ? is(policy.namespace, attributes.namespace) &&
        is(policy.resource, attributes.resource) &&
        is(policy.apiGroup, attributes.apiGroup)
    : pathMatches(policy.nonResourcePath, attributes.path)
}

/** Both must match where both are given; one must be. */
function subjectMatches({ user, group }: AbacPolicy, { name, groups }: UserInfo): boolean {
  if (user === '' && group === '') return false
  return (user === '' || is(user, name)) && (group === '' || group === '*' || groups.includes(group))
}

const is = (wanted: string, value: string): boolean => wanted === '*' || wanted === value

function pathMatches(wanted: string, path: string): boolean {
  if (wanted === '*' || wanted === path) return true
  return wanted.endsWith('*') && path.startsWith(wanted.replace(/\*+$/, ''))
}
