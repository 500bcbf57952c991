import { defaultFeatureGates, type FeatureEnabled } from '../../api/features/feature-gates.ts'
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding } from '../../api/types.generated.ts'
import { clusterRoleBindingFacts, namespacedRoleFacts, roleBindingFacts } from './binding-facts.ts'
import { clusterRoleFacts } from './cluster-role-facts.ts'
import { controllerRoleFacts } from './controller-role-facts.ts'
import { featureRoleFacts } from './feature-role-facts.ts'
import { type BindingFacts, type RoleFacts, ruleOf, subjectOf } from './role-facts.ts'

const apiVersion = 'rbac.authorization.k8s.io/v1'

/** Roles and bindings that every cluster has, as upstream's server makes them. */
export interface RbacPolicy {
  readonly clusterRoles: readonly ClusterRole[]
  readonly clusterRoleBindings: readonly ClusterRoleBinding[]
  readonly roles: readonly Role[]
  readonly roleBindings: readonly RoleBinding[]
}

export function rbacPolicy(enabled: FeatureEnabled = defaultFeatureGates.enabled): RbacPolicy {
  const added = featureRoleFacts.filter(({ feature }) => enabled(feature))
  const clusterRoles = Object.entries(clusterRoleFacts).map(([name, facts]) =>
    clusterRole(name, { ...facts, rules: [...facts.rules, ...added.flatMap(({ rules }) => rules[name] ?? [])] }),
  )
  const controllers = [controllerRoleFacts, ...added.map(({ controllers: more = {} }) => more)].flatMap((facts) =>
    Object.entries(facts),
  )
  return {
    clusterRoles: [
      ...clusterRoles,
      ...controllers.map(([name, facts]) => clusterRole(`system:controller:${name}`, facts)),
    ],
    clusterRoleBindings: [
      ...clusterRoleBindingFacts.map((facts) => binding('ClusterRoleBinding', facts)),
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
      rules: rules.map(ruleOf),
    })),
    roleBindings: roleBindingFacts.map((facts) => binding('RoleBinding', facts)),
  }
}

/** What the node authorizer lets every node do. */
export function nodeRules(): PolicyRule[] {
  return clusterRoleFacts['system:node']!.rules.map(ruleOf)
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

function clusterRole(name: string, { rules, partOf, gathers }: RoleFacts): ClusterRole {
  const role = {
    apiVersion,
    kind: 'ClusterRole',
    metadata: metadata(name, undefined, partOf),
    // One that gathers has none of its own, which is nobody's then.
    ...(rules.length === 0 ? {} : { rules: rules.map(ruleOf) }),
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
