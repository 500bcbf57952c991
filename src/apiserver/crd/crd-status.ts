import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionNames,
} from '../../api/types.generated.ts'
import { aggregate } from '../../machinery/errors.ts'
import { goQuote } from '../../machinery/field-error.ts'
import { jsonEqual } from '../../machinery/json.ts'

export type CrdCondition = CustomResourceDefinitionCondition

export function crdCondition(crd: CustomResourceDefinition, type: string): CrdCondition | undefined {
  return crd.status?.conditions?.find((condition) => condition.type === type)
}
export function isEstablished(crd: CustomResourceDefinition): boolean {
  return crdCondition(crd, 'Established')?.status === 'True'
}

/** Conditions with this one set; its time moves only when its status does (helpers SetCRDCondition). */
export function withCondition(
  conditions: readonly CrdCondition[] | undefined,
  condition: Omit<CrdCondition, 'lastTransitionTime'>,
  now: string,
): CrdCondition[] {
  const before = conditions?.find((one) => one.type === condition.type)
  const made = {
    ...condition,
    lastTransitionTime: before?.status === condition.status ? before.lastTransitionTime : now,
  }
  return before ? conditions!.map((one) => (one === before ? made : one)) : [...(conditions ?? []), made]
}

/**
 * The status that names call for: which of them are accepted beside those of the group's other definitions, and whether
 * the kind may be served (apiextensions pkg/controller/status and establish). The same object: nothing changes.
 */
export function namedStatus(
  crd: CustomResourceDefinition,
  others: readonly CustomResourceDefinition[],
  now: string,
): CustomResourceDefinition {
  const requested = crd.spec.names
  const accepted: Partial<CustomResourceDefinitionNames> = crd.status?.acceptedNames ?? {}
  if (jsonEqual(requested, accepted) && isEstablished(crd)) return crd
  const inGroup = others
    .filter((other) => other.spec.group === crd.spec.group && other.metadata.name !== crd.metadata.name)
    .map((other) => other.status?.acceptedNames)
  const resources = new Set(inGroup.flatMap((names) => [names?.plural, names?.singular, ...(names?.shortNames ?? [])]))
  const kinds = new Set(inGroup.flatMap((names) => [names?.kind, names?.listKind]))

  const names: Record<string, unknown> = { ...accepted }
  let conflict: { reason: string; message: string } | undefined
  const claim = (
    field: 'plural' | 'singular' | 'kind' | 'listKind',
    used: ReadonlySet<string | undefined>,
    reason: string,
  ) => {
    const name = requested[field]
    if (name !== accepted[field] && used.has(name))
      conflict = { reason, message: `${goQuote(name ?? '')} is already in use` }
    else names[field] = name
  }
  claim('plural', resources, 'PluralConflict')
  claim('singular', resources, 'SingularConflict')
  if (!jsonEqual(requested.shortNames ?? [], accepted.shortNames ?? [])) {
    const taken = (requested.shortNames ?? []).filter(
      (name) => !accepted.shortNames?.includes(name) && resources.has(name),
    )
    if (taken.length > 0)
      conflict = {
        reason: 'ShortNamesConflict',
        message: aggregate(taken.map((name) => `${goQuote(name)} is already in use`)),
      }
    else names['shortNames'] = requested.shortNames
  }
  claim('kind', kinds, 'KindConflict')
  claim('listKind', kinds, 'ListKindConflict')
  names['categories'] = requested.categories

  const good = conflict === undefined
  let conditions = withCondition(
    crd.status?.conditions,
    {
      type: 'NamesAccepted',
      status: good ? 'True' : 'False',
      reason: conflict?.reason ?? 'NoConflicts',
      message: conflict?.message ?? 'no conflicts found',
    },
    now,
  )
  if (!isEstablished(crd)) {
    conditions = withCondition(
      conditions,
      good
        ? {
            type: 'Established',
            status: 'True',
            reason: 'InitialNamesAccepted',
            message: 'the initial names have been accepted',
          }
        : { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' },
      now,
    )
  }
  const storage = crd.spec.versions.find((version) => version.storage)?.name
  const storedVersions = [...(crd.status?.storedVersions ?? [])]
  if (storage !== undefined && !storedVersions.includes(storage)) storedVersions.push(storage)
  const status = {
    ...crd.status,
    acceptedNames: JSON.parse(JSON.stringify(names)) as CustomResourceDefinitionNames,
    conditions,
    storedVersions,
  }
  return jsonEqual(status, crd.status) ? crd : { ...crd, status }
}
