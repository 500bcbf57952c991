import type { ResourceDefinition } from '../../../api/definition.ts'
import type { MatchResources, NamedRuleWithOperations } from '../../../api/types.generated.ts'
import type { GroupVersionKind, GroupVersionResource } from '../../../machinery/meta/object.ts'
import type { Lister } from '../../lister.ts'
import type { AdmissionAttributes } from '../plugin.ts'
import type { InvocationServices } from '../webhook/invocation.ts'
import { ruleMatches } from '../webhook/rules.ts'
import { namespaceSelected, objectSelected } from '../webhook/selectors.ts'

export interface MatchServices {
  readonly lister: Lister
  readonly equivalents: InvocationServices['equivalents']
}
/** Under which resource and kind a request concerns a policy. */
export interface Match {
  readonly resource: GroupVersionResource
  readonly kind: GroupVersionKind
  /** Present when that is another version than the request's. */
  readonly definition?: ResourceDefinition
}

/**
 * Whether a request is among the resources (apiserver pkg/admission/plugin/policy/matching). Throws an Error when that
 * cannot be told.
 */
export async function matchResources(
  criteria: MatchResources,
  attributes: AdmissionAttributes,
  { lister, equivalents }: MatchServices,
): Promise<Match | undefined> {
  // Errors of selectors matter only for requests that the rules concern.
  let failure: unknown
  try {
    if (!(await namespaceSelected(lister, criteria.namespaceSelector, attributes))) return undefined
  } catch (error) {
    failure = error
  }
  if (!objectSelected(criteria.objectSelector, attributes)) return undefined
  const { matchPolicy, resourceRules = [], excludeResourceRules = [] } = criteria
  const among = (rules: readonly NamedRuleWithOperations[]) => matchRules(rules, matchPolicy, attributes, equivalents)
  if (among(excludeResourceRules) !== undefined) return undefined
  const found = resourceRules.length === 0 ? asRequested(attributes) : among(resourceRules)
  if (found !== undefined && failure !== undefined) throw failure
  return found
}

const asRequested = ({ resource, kind }: AdmissionAttributes): Match => ({ resource, kind })

function matchRules(
  rules: readonly NamedRuleWithOperations[],
  matchPolicy: string | undefined,
  attributes: AdmissionAttributes,
  equivalents: InvocationServices['equivalents'],
): Match | undefined {
  const { resource, kind, subresource, operation, name, definition } = attributes
  const isNamespace = resource.group === '' && resource.resource === 'namespaces'
  const namespace = isNamespace ? attributes.namespace || name : attributes.namespace
  const concerns = (rule: NamedRuleWithOperations, of: GroupVersionResource) => {
    const { resourceNames = [] } = rule
    return (
      ruleMatches(rule, { operation, subresource, namespace, resource: of }) &&
      (resourceNames.length === 0 || resourceNames.includes(name))
    )
  }
  if (rules.some((rule) => concerns(rule, resource))) return asRequested(attributes)
  if (rules.length === 0 || matchPolicy === undefined || matchPolicy === 'Exact') return undefined
  const others = equivalents(definition)
  for (const rule of rules) {
    for (const other of others) {
      const of = { group: other.group, version: other.version, resource: other.resource }
      if (!concerns(rule, of)) continue
      // Subresources have kinds of their own, which do not change with the version of the resource.
      if (subresource !== '' && kind.kind !== definition.kind) return { resource: of, kind }
      return {
        resource: of,
        kind: { group: other.group, version: other.version, kind: other.kind },
        definition: other,
      }
    }
  }
  return undefined
}
