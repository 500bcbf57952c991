import type { ValidatingAdmissionPolicy } from '../../api/types.generated.ts'
import type { ServedResource } from '../../client/discovery.ts'
import type { GroupVersionKind } from '../../machinery/meta/object.ts'

const most = 10

/**
 * The kinds that a policy's rules name, sorted, ten of a rule at most; rules with wildcards name none (apiserver
 * pkg/admission/plugin/policy/validating/typechecking.go typesToCheck).
 */
export function matchedKinds(
  { spec }: ValidatingAdmissionPolicy,
  served: readonly ServedResource[],
): readonly GroupVersionKind[] {
  const found = new Map<string, GroupVersionKind>()
  for (const rule of spec?.matchConstraints?.resourceRules ?? []) {
    const { apiGroups = [], apiVersions = [], resources = [] } = rule
    if ([...apiGroups, ...apiVersions].some((text) => text.includes('*'))) continue
    const named = resources.filter((resource) => !/[*/]/.test(resource)).toSorted()
    const kinds = apiGroups
      .toSorted()
      .flatMap((group) => apiVersions.toSorted().flatMap((version) => kindsOf(group, version, named, served)))
      .slice(0, most)
    for (const kind of kinds) found.set(`${kind.group}\0${kind.version}\0${kind.kind}`, kind)
    if (kinds.length === most) break
  }
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, kind]) => kind)
}

/** Without a group, resources of all groups are meant (apimachinery meta.DefaultRESTMapper). */
function kindsOf(
  group: string,
  version: string,
  resources: readonly string[],
  served: readonly ServedResource[],
): GroupVersionKind[] {
  return resources.flatMap((resource) =>
    served
      .filter((one) => one.version === version && (group === '' || one.group === group))
      .filter((one) => one.resource === resource || one.singular === resource)
      .map((one) => ({ group: one.group, version, kind: one.kind })),
  )
}
