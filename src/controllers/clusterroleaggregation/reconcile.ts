import { clusterRoles } from '../../api/rbac/v1/cluster-role.ts'
import type { ClusterRole, PolicyRule } from '../../api/types.generated.ts'
import { cachedSelector } from '../../machinery/labels/label-selector.ts'
import type { Observed } from '../runtime/observed.ts'
import { nothingToDo, type Plan } from '../runtime/plan.ts'
import { semanticEqual } from '../../machinery/semantic-equal.ts'

const fieldManager = 'clusterrole-aggregation-controller'

/** A role with an aggregation rule has the rules of all roles that it selects (pkg/controller/clusterroleaggregation). */
export function reconcile({ object: role, view }: Observed<ClusterRole>): Plan {
  if (role.aggregationRule === undefined) return nothingToDo
  const all = [...view(clusterRoles).list()].sort((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1))
  const rules: PolicyRule[] = []
  for (const selector of role.aggregationRule.clusterRoleSelectors ?? []) {
    const matcher = cachedSelector(selector)
    for (const other of all) {
      if (other === role || !matcher.matches(other.metadata.labels)) continue
      for (const rule of other.rules ?? []) {
        if (!rules.some((known) => semanticEqual(known, rule))) rules.push(rule)
      }
    }
  }
  if (semanticEqual(rules, role.rules)) return nothingToDo
  const name = role.metadata.name!
  const patch = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name },
    rules: rules.length > 0 ? rules : undefined,
  }
  return { steps: [{ do: 'patch', ref: clusterRoles, key: { name }, type: 'apply', patch, fieldManager }] }
}
