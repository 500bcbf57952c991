import { defaultFeatureGates, type FeatureEnabled } from '../../api/features/feature-gates.ts'
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding } from '../../api/types.generated.ts'
import { clusterRoleBindingFacts, namespacedRoleFacts, roleBindingFacts } from './binding-facts.ts'
import { clusterRoleFacts } from './cluster-role-facts.ts'
import { controllerRoleFacts } from './controller-role-facts.ts'
import { type BindingFacts, type RoleFacts, rulesOf, subjectOf } from './role-facts.ts'

const apiVersion = 'rbac.authorization.k8s.io/v1'

/** Roles and bindings that every cluster has, as upstream's server makes them. */
export interface RbacPolicy {
  readonly clusterRoles: readonly ClusterRole[]
  readonly clusterRoleBindings: readonly ClusterRoleBinding[]
  readonly roles: readonly Role[]
  readonly roleBindings: readonly RoleBinding[]
}

export function rbacPolicy(enabled: FeatureEnabled = defaultFeatureGates.enabled): RbacPolicy {
  const isThere = ({ feature }: { readonly feature?: string }) => feature === undefined || enabled(feature)
  const clusterRole = (name: string, facts: RoleFacts) => clusterRoleOf(name, facts, enabled)
  const roles = Object.entries(clusterRoleFacts).filter(([, facts]) => isThere(facts))
  const controllers = Object.entries(controllerRoleFacts).filter(([, facts]) => isThere(facts))
  return {
    clusterRoles: [
      ...roles.map(([name, facts]) => clusterRole(name, facts)),
      ...controllers.map(([name, facts]) => clusterRole(`system:controller:${name}`, facts)),
    ],
    clusterRoleBindings: [
      ...clusterRoleBindingFacts.filter(isThere).map((facts) => binding('ClusterRoleBinding', facts)),
      ...controllers.map(([name]) =>
        binding('ClusterRoleBinding', {
          name: `system:controller:${name}`,
          role: `ClusterRole system:controller:${name}`,
          subjects: [`ServiceAccount kube-system/${name}`],
        }),
      ),
    ],
    roles: namespacedRoleFacts.map(({ name, namespace, rules }) => ({
      apiVersion,
      kind: 'Role',
      metadata: metadata(name, namespace),
      rules: rulesOf(rules, enabled),
    })),
    roleBindings: roleBindingFacts.map((facts) => binding('RoleBinding', facts)),
  }
}

/** What the node authorizer lets every node do. */
export function nodeRules(enabled: FeatureEnabled = defaultFeatureGates.enabled): PolicyRule[] {
  return rulesOf(clusterRoleFacts['system:node']!.rules, enabled)
}

function metadata(name: string, namespace?: string, partOf?: string) {
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
    labels: {
      'kubernetes.io/bootstrapping': 'rbac-defaults',
      ...(partOf === undefined ? {} : { [`rbac.authorization.k8s.io/${partOf}`]: 'true' }),
    },
  }
}

function clusterRoleOf(name: string, { rules, partOf, gathers }: RoleFacts, enabled: FeatureEnabled): ClusterRole {
  const role = {
    apiVersion,
    kind: 'ClusterRole',
    metadata: metadata(name, undefined, partOf),
    // One that gathers has none of its own, which is nobody's then.
    ...(rules.length === 0 ? {} : { rules: rulesOf(rules, enabled) }),
  }
  if (gathers === undefined) return role
  const matchLabels = { [`rbac.authorization.k8s.io/${gathers}`]: 'true' }
  return { ...role, aggregationRule: { clusterRoleSelectors: [{ matchLabels }] } }
}

function binding(kind: 'ClusterRoleBinding' | 'RoleBinding', facts: BindingFacts): ClusterRoleBinding {
  const [roleKind = '', name = ''] = facts.role.split(' ')
  return {
    apiVersion,
    kind,
    metadata: metadata(facts.name, facts.namespace),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: roleKind, name },
    ...(facts.subjects.length === 0 ? {} : { subjects: facts.subjects.map(subjectOf) }),
  }
}
