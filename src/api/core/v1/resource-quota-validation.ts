import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import type { ResourceQuota, ResourceQuotaSpec, ResourceQuotaStatus } from '../../types.generated.ts'
import type { ResourceList } from './pod/resource-list.ts'
import { isStandardQuotaResource, validateQuotaResourceName, validateResourceQuantity } from './resource-names.ts'

/** pkg/apis/core/validation ValidateResourceQuota. */
export function validateResourceQuota({ spec, status }: ResourceQuota): FieldError[] {
  return [...validateSpec(spec ?? {}), ...validateQuotaStatus(status)]
}

export function validateQuotaStatus(status: ResourceQuotaStatus | undefined): FieldError[] {
  return [...validateList(status?.hard, 'status.hard'), ...validateList(status?.used, 'status.used')]
}

export function validateResourceQuotaUpdate({ spec = {} }: ResourceQuota, old: ResourceQuota): FieldError[] {
  const errors = validateSpec(spec)
  const [scopes, before] = [new Set(spec.scopes), new Set(old.spec?.scopes)]
  if (scopes.size !== before.size || [...scopes].some((scope) => !before.has(scope))) {
    errors.push(fieldErrors.invalid('spec.scopes', spec.scopes ?? null, 'field is immutable'))
  }
  return errors
}

function validateList(list: ResourceList = {}, field: string): FieldError[] {
  return Object.entries(list).flatMap(([name, quantity]) => [
    ...validateQuotaResourceName(name, `${field}[${name}]`),
    ...validateResourceQuantity(name, quantity, `${field}[${name}]`),
  ])
}

function validateSpec(spec: ResourceQuotaSpec): FieldError[] {
  return [...validateList(spec.hard, 'spec.hard'), ...validateScopes(spec), ...validateScopeSelector(spec)]
}

const podResources = ['pods', 'cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory']
/** What can be counted in a scope. */
const scopes: Readonly<Record<string, readonly string[]>> = {
  Terminating: podResources,
  NotTerminating: podResources,
  NotBestEffort: podResources,
  PriorityClass: podResources,
  CrossNamespacePodAffinity: podResources,
  BestEffort: ['pods'],
  VolumeAttributesClass: ['persistentvolumeclaims', 'requests.storage'],
}
const contradictions = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
]

/** The standard resources that the quota limits and the scope cannot count. */
function unfit(scope: string, { hard = {} }: ResourceQuotaSpec): string[] {
  const countable = scopes[scope]
  if (!countable) return []
  return Object.keys(hard).filter((name) => isStandardQuotaResource(name) && !countable.includes(name))
}

function validateScopes(spec: ResourceQuotaSpec): FieldError[] {
  const all = spec.scopes ?? []
  const field = 'spec.scopes'
  const wrong = (detail: string) => fieldErrors.invalid(field, all, detail)
  const errors = all.flatMap((scope) => [
    ...(scopes[scope] ? [] : [wrong('unsupported scope')]),
    ...unfit(scope, spec).map(() => wrong('unsupported scope applied to resource')),
  ])
  return [...errors, ...contradicting(all).map(() => wrong('conflicting scopes'))]
}

function contradicting(all: readonly string[]): unknown[] {
  return contradictions.filter((pair) => pair.every((scope) => all.includes(scope)))
}

const onlyExists = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity']

function validateScopeSelector(spec: ResourceQuotaSpec): FieldError[] {
  const requirements = spec.scopeSelector?.matchExpressions ?? []
  const field = 'spec.scopeSelector.matchExpressions'
  const errors: FieldError[] = []
  const internal = {
    MatchExpressions: requirements.map(({ scopeName, operator, values }) => ({
      ScopeName: scopeName,
      Operator: operator,
      Values: values ?? null,
    })),
  }
  for (const { scopeName, operator, values = [] } of requirements) {
    if (!scopes[scopeName]) errors.push(fieldErrors.invalid(`${field}.scopeName`, scopeName, 'unsupported scope'))
    for (const _ of unfit(scopeName, spec)) {
      errors.push(fieldErrors.invalid(field, internal, 'unsupported scope applied to resource'))
    }
    if (onlyExists.includes(scopeName) && operator !== 'Exists') {
      const detail =
        "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
      errors.push(fieldErrors.invalid(`${field}.operator`, operator, detail))
    }
    errors.push(...validateOperator(operator, values, field))
  }
  const conflicts = contradicting(requirements.map(({ scopeName }) => scopeName))
  return [...errors, ...conflicts.map(() => fieldErrors.invalid(field, spec.scopes ?? null, 'conflicting scopes'))]
}

function validateOperator(operator: string, values: readonly string[], field: string): FieldError[] {
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length > 0) return []
    const detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
    return [fieldErrors.required(`${field}.values`, detail)]
  }
  if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length === 0) return []
    const detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
    return [fieldErrors.invalid(`${field}.values`, values, detail)]
  }
  return [fieldErrors.invalid(`${field}.operator`, operator, 'not a valid selector operator')]
}
