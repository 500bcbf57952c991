import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding, Subject } from '../../api/types.generated.ts'
import { jsonEqual } from '../../machinery/json.ts'
import type { ObjectMeta } from '../../machinery/meta/object.ts'
import { missingRights } from '../authorization/rbac/rule.ts'

/**
 * What a default role or binding must become, given what is stored: what is missing is added, what people added stays,
 * and what is annotated `autoupdate: "false"` is left alone (component-helpers auth/rbac/reconciliation). `undefined`:
 * leave it. `recreate`: a binding to another role cannot be changed, only replaced.
 */
export type Reconciled<T> = { readonly change: 'update' | 'recreate'; readonly object: T } | undefined

export function reconcileRole<T extends Role | ClusterRole>(stored: T, expected: T): Reconciled<T> {
  if (isProtected(stored)) return undefined
  const object: ClusterRole = {
    ...stored,
    metadata: merged(stored.metadata, expected.metadata),
    rules: [...(stored.rules ?? []), ...missingRights(stored.rules ?? [], expected.rules ?? [])],
  }
  const wanted = (expected as ClusterRole).aggregationRule?.clusterRoleSelectors
  const present = (stored as ClusterRole).aggregationRule?.clusterRoleSelectors ?? []
  const selectors = wanted && [...present, ...wanted.filter((one) => !present.some((other) => jsonEqual(one, other)))]
  const complete = { ...object, aggregationRule: selectors && { clusterRoleSelectors: selectors } } as unknown as T
  return jsonEqual({ ...complete, rules: object.rules }, { ...stored, rules: stored.rules ?? [] })
    ? undefined
    : { change: 'update', object: complete }
}

export function reconcileBinding<T extends RoleBinding | ClusterRoleBinding>(stored: T, expected: T): Reconciled<T> {
  if (isProtected(stored)) return undefined
  if (!jsonEqual(stored.roleRef, expected.roleRef)) return { change: 'recreate', object: expected }
  const subjects: readonly Subject[] = [
    ...(stored.subjects ?? []),
    ...(expected.subjects ?? []).filter((one) => !stored.subjects?.some((other) => sameSubject(one, other))),
  ]
  const metadata = merged(stored.metadata, expected.metadata)
  if (subjects.length === (stored.subjects?.length ?? 0) && jsonEqual(metadata, stored.metadata)) return undefined
  return { change: 'update', object: { ...stored, metadata, subjects } }
}

function isProtected({ metadata }: { readonly metadata: ObjectMeta }): boolean {
  return metadata.annotations?.['rbac.authorization.kubernetes.io/autoupdate'] === 'false'
}

/** The stored value of a label or annotation wins over the expected one. */
function merged(stored: ObjectMeta, expected: ObjectMeta): ObjectMeta {
  return {
    ...stored,
    annotations: { ...expected.annotations, ...stored.annotations },
    labels: { ...expected.labels, ...stored.labels },
  }
}

function sameSubject(a: Subject, b: Subject): boolean {
  return a.kind === b.kind && a.name === b.name && (a.namespace ?? '') === (b.namespace ?? '')
}
