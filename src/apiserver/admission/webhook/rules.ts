import type { RuleWithOperations } from '../../../api/types.generated.ts'
import type { GroupVersionResource } from '../../../machinery/meta/object.ts'

/** What of a request rules look at. `namespace` of a request for a Namespace is its own name. */
export interface RuleSubject {
  readonly operation: string
  readonly resource: GroupVersionResource
  readonly subresource: string
  readonly namespace: string
}

/** apiserver pkg/admission/plugin/webhook/predicates/rules/rules.go. */
export function ruleMatches(
  rule: RuleWithOperations,
  { operation, resource, subresource, namespace }: RuleSubject,
): boolean {
  const has = (items: readonly string[] | null | undefined, wanted: string) =>
    items?.includes('*') === true || items?.includes(wanted) === true
  const isNamespace = resource.group === '' && resource.version === 'v1' && resource.resource === 'namespaces'
  const namespaced = !isNamespace && namespace !== ''
  if (rule.scope === 'Namespaced' && !namespaced) return false
  if (rule.scope === 'Cluster' && namespaced) return false
  if (!has(rule.operations, operation) || !has(rule.apiGroups, resource.group)) return false
  if (!has(rule.apiVersions, resource.version)) return false
  return (rule.resources ?? []).some((text) => {
    const [name = '', sub = ''] = text.split(/\/(.*)/s)
    return (name === '*' || name === resource.resource) && (sub === '*' || sub === subresource)
  })
}
