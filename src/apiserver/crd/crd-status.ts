import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionNames,
} from '../../api/types.generated.ts'
import {
  approvalOf,
  type ApprovalState,
  isProtectedGroup,
} from '../../api/apiextensions/v1/custom-resource-definition/api-approval.ts'
import { validateCaBundle } from '../../api/apiextensions/v1/custom-resource-definition/conversion-validation.ts'
import { structuralFault } from '../../api/apiextensions/v1/custom-resource-definition/schema/structural-fault.ts'
import { validateStructural } from '../../api/apiextensions/v1/custom-resource-definition/schema/structural-validation.ts'
import { aggregate } from '../../machinery/errors.ts'
import { errorText, fieldErrors, type FieldError, goQuote } from '../../machinery/field-error.ts'
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

type Verdict = Omit<CrdCondition, 'type' | 'lastTransitionTime'>

const notAccepted: Verdict = { status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' }

/** Of a definition whose names are accepted (pkg/controller/establish). */
function establishment({ spec }: CustomResourceDefinition): Verdict {
  const bundle = spec.conversion?.webhook?.clientConfig?.caBundle
  if (bundle && validateCaBundle(bundle, '').length > 0)
    return { status: 'False', reason: 'InvalidCABundle', message: 'The conversion webhook CABundle is invalid' }
  return { status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' }
}

/** What keeps a definition's schemas from being structural (pkg/controller/nonstructuralschema). */
function nonStructural({ spec }: CustomResourceDefinition): Verdict | undefined {
  const errors: FieldError[] = []
  if (spec.preserveUnknownFields) errors.push(fieldErrors.invalid('spec.preserveUnknownFields', true, 'must be false'))
  for (const [index, { name, schema }] of spec.versions.entries()) {
    if (schema?.openAPIV3Schema === undefined) continue
    const fault = structuralFault(schema.openAPIV3Schema)
    if (fault !== undefined) {
      const message = `failed to check validation schema for version ${name}: ${fault}`
      return { status: 'Unknown', reason: 'StructuralError', message }
    }
    errors.push(...validateStructural(schema.openAPIV3Schema, `spec.versions[${index}].schema.openAPIV3Schema`))
  }
  return errors.length === 0
    ? undefined
    : { status: 'True', reason: 'Violations', message: aggregate(errors.map(errorText)) }
}

const approvals: Readonly<Record<ApprovalState, Pick<Verdict, 'status' | 'reason'>>> = {
  approved: { status: 'True', reason: 'ApprovedAnnotation' },
  bypassed: { status: 'False', reason: 'UnapprovedAnnotation' },
  missing: { status: 'False', reason: 'MissingAnnotation' },
  invalid: { status: 'False', reason: 'InvalidAnnotation' },
}

/** Whether a definition of one of the community's groups says that it is approved (pkg/controller/apiapproval). */
function approval(crd: CustomResourceDefinition): Verdict | undefined {
  if (!isProtectedGroup(crd.spec.group)) return undefined
  const { state, reason } = approvalOf(crd)
  return { ...approvals[state], message: reason }
}

/** The definition with the status that its spec calls for; the same object: nothing changes. */
export function crdStatus(
  crd: CustomResourceDefinition,
  others: readonly CustomResourceDefinition[],
  now: string,
): CustomResourceDefinition {
  const named = namedStatus(crd, others, now)
  let conditions = named.status?.conditions ?? []
  const nonStructuralNow = nonStructural(crd)
  if (nonStructuralNow !== undefined)
    conditions = withCondition(conditions, { type: 'NonStructuralSchema', ...nonStructuralNow }, now)
  else conditions = conditions.filter(({ type }) => type !== 'NonStructuralSchema')
  const approved = approval(crd)
  if (approved !== undefined)
    conditions = withCondition(conditions, { type: 'KubernetesAPIApprovalPolicyConformant', ...approved }, now)
  if (jsonEqual(conditions, named.status?.conditions ?? [])) return named
  return { ...named, status: { ...named.status, conditions } }
}

/**
 * The status that names call for: which of them are accepted beside those of the group's other definitions, and whether
 * the kind may be served (apiextensions pkg/controller/status and establish). The same object: nothing changes.
 */
function namedStatus(
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
    conditions = withCondition(conditions, { type: 'Established', ...(good ? establishment(crd) : notAccepted) }, now)
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
