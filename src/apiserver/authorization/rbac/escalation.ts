import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding } from '../../../api/types.generated.ts'
import type { UserInfo } from '../../../api/user.ts'
import { forbidden, notFound } from '../../../machinery/errors.ts'
import { goQuote } from '../../../machinery/field-error.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import type { AuthorizationAttributes, Authorizer } from '../authorizer.ts'
import { onlyForGarbageCollection } from './garbage-collection.ts'
import type { RuleResolver } from './rbac-authorizer.ts'
import { compactRules, compactText, missingRights, quotedList } from './rule.ts'

const fullAuthority: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

export interface RbacWrite {
  readonly user: UserInfo
  /** `roles`, `clusterroles`, `rolebindings` or `clusterrolebindings`. */
  readonly resource: string
  readonly namespace: string
  readonly name: string
  readonly object: KubeObject
  readonly old?: KubeObject
}

/**
 * Nobody grants what he does not hold, save with the verbs `escalate` on the role or `bind` on the role referred to
 * (pkg/registry/rbac: escalation_check.go, validation/rule.go, the policybased storages). Throws 403.
 */
export async function refuseEscalation(
  write: RbacWrite,
  resolver: RuleResolver,
  authorizer: Authorizer,
): Promise<void> {
  const { user, resource, namespace, name, object, old } = write
  if (user.groups.includes('system:masters')) return
  const isRole = resource === 'roles' || resource === 'clusterroles'
  if (isRole && (await allowed(authorizer, { user, verb: 'escalate', resource, namespace, name }))) return
  if (old !== undefined && onlyForGarbageCollection(object, old)) return

  const refuse = (why: string) =>
    forbidden({ group: 'rbac.authorization.k8s.io', resource }, object.metadata.name ?? name, why)
  if (isRole) {
    const escalation = escalationOf(user, namespace, resolver, (object as Role | ClusterRole).rules ?? [])
    if (escalation !== undefined) throw refuse(escalation)
    if (resource === 'clusterroles' && (aggregates(object) || (old !== undefined && aggregates(old))))
      if (escalationOf(user, namespace, resolver, fullAuthority) !== undefined)
        // What an aggregated role gathers has no limit.
        throw refuse('must have cluster-admin privileges to use the aggregationRule')
    return
  }
  const { roleRef } = object as RoleBinding | ClusterRoleBinding
  const target = roleRef.kind === 'ClusterRole' ? 'clusterroles' : roleRef.kind === 'Role' ? 'roles' : undefined
  const bind = { user, verb: 'bind', apiGroup: roleRef.apiGroup, namespace, name: roleRef.name }
  if (target !== undefined && (await allowed(authorizer, { ...bind, resource: target }))) return
  let rules: readonly PolicyRule[]
  try {
    rules = resolver.rulesOf(roleRef, namespace)
  } catch {
    throw notFound({ group: 'rbac.authorization.k8s.io', resource: roleRef.kind.toLowerCase() }, roleRef.name)
  }
  const escalation = escalationOf(user, namespace, resolver, rules)
  if (escalation !== undefined) throw refuse(escalation)
}

function escalationOf(
  user: UserInfo,
  namespace: string,
  resolver: RuleResolver,
  wanted: readonly PolicyRule[],
): string | undefined {
  const { rules, errors } = resolver.resolve(user, namespace)
  const missing = missingRights(rules, wanted)
  if (missing.length === 0) return undefined
  const rights = [...new Set(compactRules(missing).map(compactText))].sort()
  const text = `user ${goQuote(user.name)} (groups=${quotedList(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${rights.join('\n')}`
  return errors.length === 0 ? text : `${text}; resolution errors: [${errors.join(' ')}]`
}

async function allowed(
  authorizer: Authorizer,
  asked: Pick<AuthorizationAttributes, 'user' | 'verb' | 'resource' | 'namespace' | 'name'> & { apiGroup?: string },
): Promise<boolean> {
  const { decision } = await authorizer.authorize({
    apiGroup: 'rbac.authorization.k8s.io',
    ...asked,
    resourceRequest: true,
    apiVersion: '*',
    subresource: '',
    path: '',
  })
  return decision === 'allow'
}

function aggregates(object: KubeObject): boolean {
  return ((object as ClusterRole).aggregationRule?.clusterRoleSelectors ?? []).length > 0
}
