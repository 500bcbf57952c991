import { type QuotaEvaluator, scopesOf } from '../../../api/quota/evaluator.ts'
import type { ResourceQuota, ScopedResourceSelectorRequirement } from '../../../api/types.generated.ts'
import type { KubeObject } from '../../../machinery/meta/object.ts'
import { quantitySign } from '../../../machinery/quantity.ts'
import { semanticEqual } from '../../../machinery/semantic-equal.ts'
import type { ConfigKind } from '../../options/config-file.ts'
import { list, object, string, type ValueOf } from '../../options/config-shape.ts'

const shape = object({
  limitedResources: list(
    object({
      apiGroup: string,
      resource: string,
      matchContains: list(string),
      matchScopes: list(object({ scopeName: string, operator: string, values: list(string) })),
    }),
  ),
})
export type LimitedResource = ValueOf<typeof shape>['limitedResources'][number]

/** What may be used only where a quota covers it. */
export const resourceQuotaKind: ConfigKind<ValueOf<typeof shape>> = {
  apiVersions: [
    'apiserver.config.k8s.io/v1',
    'resourcequota.admission.k8s.io/v1beta1',
    'resourcequota.admission.k8s.io/v1alpha1',
  ],
  kind: 'ResourceQuotaConfiguration',
  shape,
}

/** Why a write may not be for want of a quota, or undefined (apiserver pkg/admission/plugin/resourcequota/controller.go). */
export function uncoveredUse(
  limited: readonly LimitedResource[],
  write: {
    readonly object: KubeObject
    readonly usage: Readonly<Record<string, string>>
    readonly evaluator: QuotaEvaluator
    /** Those that concern the object. */
    readonly quotas: readonly ResourceQuota[]
  },
): string | undefined {
  const { object: written, usage, evaluator, quotas } = write
  const used = Object.keys(usage).filter((name) => quantitySign(usage[name]!) > 0)
  const contained = used.filter((name) =>
    limited.some(({ matchContains }) => matchContains.some((part) => name.includes(part))),
  )
  const covered = quotas.flatMap(({ status }) => evaluator.matchingResources(Object.keys(status?.hard ?? {})))
  const names = contained.filter((name) => !covered.includes(name))
  if (names.length > 0) return `insufficient quota to consume: ${names.sort().join(',')}`

  const matching = (scopes: readonly ScopedResourceSelectorRequirement[]) =>
    scopes.filter((scope) => evaluator.matchesScope(scope, written))
  const coveredScopes = quotas.flatMap((quota) => matching(scopesOf(quota)))
  const scopes = limited
    .flatMap(({ matchScopes }) => matching(matchScopes as readonly ScopedResourceSelectorRequirement[]))
    .filter((scope) => !coveredScopes.some((other) => sameScope(scope, other)))
  if (scopes.length === 0) return undefined
  const shown = scopes.map(
    ({ scopeName, operator, values }) => `{${scopeName} ${operator} [${(values ?? []).join(' ')}]}`,
  )
  return `insufficient quota to match these scopes: [${shown.join(' ')}]`
}

function sameScope(left: ScopedResourceSelectorRequirement, right: ScopedResourceSelectorRequirement): boolean {
  const { scopeName, operator, values = [] } = left
  return scopeName === right.scopeName && operator === right.operator && semanticEqual(values, right.values ?? [])
}
