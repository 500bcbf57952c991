import type { KubeObject } from '../../machinery/meta/object.ts'
import type { ResourceList } from '../core/v1/pod/resource-list.ts'
import type { ResourceQuota, ScopedResourceSelectorRequirement } from '../types.generated.ts'

/** How objects of one resource count against quotas (apiserver pkg/quota/v1 Evaluator). Pure; `now` in epoch milliseconds. */
export interface QuotaEvaluator<T extends KubeObject = KubeObject> {
  /** Whether this write may change what is used. */
  handles(write: {
    readonly operation: string
    readonly subresource: string
    readonly object: T
    readonly old?: T
  }): boolean
  /** Of these names of a quota, those that it measures. */
  matchingResources(names: readonly string[]): string[]
  matchesScope(selector: ScopedResourceSelectorRequirement, object: T): boolean
  /** What the object must say for a quota over `required` to be kept, or undefined. */
  constraint(required: readonly string[], object: T): string | undefined
  usage(object: T, now: number): ResourceList
}

/** `count/pods`, `count/deployments.apps` */
export function countName(resource: { readonly group: string; readonly resource: string }): string {
  return resource.group === '' ? `count/${resource.resource}` : `count/${resource.resource}.${resource.group}`
}

/** The scopes of a quota as selectors, in order. */
export function scopesOf({ spec }: ResourceQuota): readonly ScopedResourceSelectorRequirement[] {
  const plain = (spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' as const }))
  return [...plain, ...(spec?.scopeSelector?.matchExpressions ?? [])]
}

/** Whether a quota concerns an object: by what it limits, and by all of its scopes. */
export function quotaMatches<T extends KubeObject>(
  evaluator: QuotaEvaluator<T>,
  quota: ResourceQuota,
  object: T,
): boolean {
  return (
    evaluator.matchingResources(Object.keys(quota.status?.hard ?? {})).length > 0 &&
    scopesOf(quota).every((scope) => evaluator.matchesScope(scope, object))
  )
}

/** Whether a value fulfils a selector over one scope; undefined: the object has none. */
export function scopeSelects(
  { operator, values = [] }: ScopedResourceSelectorRequirement,
  value: string | undefined,
): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    default:
      return value === undefined
  }
}

/** Counts objects, under `count/…` and an old short name where there is one. */
export function countEvaluator(
  resource: { readonly group: string; readonly resource: string },
  alias?: string,
): QuotaEvaluator {
  const names = alias === undefined ? [countName(resource)] : [countName(resource), alias]
  return {
    handles: ({ operation, subresource }) => operation === 'CREATE' && subresource === '',
    matchingResources: (wanted) => wanted.filter((name) => names.includes(name)),
    matchesScope: () => false,
    constraint: () => undefined,
    usage: () => Object.fromEntries(names.map((name) => [name, '1'])),
  }
}
