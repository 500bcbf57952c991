import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { dns1123Subdomain } from '../../../machinery/validation/dns-names.ts'
import { validateLabelSelector } from '../../../machinery/validation/label-selector.ts'
import { validateImmutable } from '../../../machinery/validation/object-meta.ts'
import { pathSegment } from '../../../machinery/validation/value-formats.ts'
import { checkField } from '../../field-checks.ts'
import type { ClusterRole, PolicyRule, Subject, RoleRef } from '../../types.generated.ts'

/** pkg/apis/rbac/validation, with what is declared of the types at its end. */
const group = 'rbac.authorization.k8s.io'

export function validateRules(rules: readonly PolicyRule[] | null | undefined, isNamespaced: boolean): FieldError[] {
  const all = rules ?? []
  const errors = all.flatMap((rule, index) => validateRule(rule, isNamespaced, `rules[${index}]`))
  for (const [index, { verbs }] of all.entries()) {
    if (!verbs?.length) errors.push(fieldErrors.required(`rules[${index}].verbs`))
  }
  return errors
}

function validateRule(rule: PolicyRule, isNamespaced: boolean, field: string): FieldError[] {
  const { nonResourceURLs = [], apiGroups = [], resources = [], resourceNames = [] } = rule
  const errors: FieldError[] = []
  if (nonResourceURLs.length > 0) {
    const wrong = (detail: string) =>
      errors.push(fieldErrors.invalid(`${field}.nonResourceURLs`, nonResourceURLs, detail))
    if (isNamespaced) wrong('namespaced rules cannot apply to non-resource URLs')
    if (apiGroups.length + resources.length + resourceNames.length > 0) {
      wrong('rules cannot apply to both regular resources and non-resource URLs')
    }
    return errors
  }
  if (apiGroups.length === 0) {
    errors.push(fieldErrors.required(`${field}.apiGroups`, 'resource rules must supply at least one api group'))
  }
  if (resources.length === 0) {
    errors.push(fieldErrors.required(`${field}.resources`, 'resource rules must supply at least one resource'))
  }
  return errors
}

export function validateAggregation({ aggregationRule }: ClusterRole, old?: ClusterRole): FieldError[] {
  if (!aggregationRule) return []
  const field = 'aggregationRule.clusterRoleSelectors'
  const selectors = aggregationRule.clusterRoleSelectors ?? []
  if (selectors.length === 0) {
    const detail = 'at least one clusterRoleSelector required if aggregationRule is non-nil'
    return [fieldErrors.required(field, detail)]
  }
  const allowInvalidLabelValue = (old?.aggregationRule?.clusterRoleSelectors ?? []).some(
    (selector) => validateLabelSelector(selector, '').length > 0,
  )
  return selectors.flatMap((selector, index) => {
    const at = `${field}[${index}]`
    const errors = validateLabelSelector(selector, at, { allowInvalidLabelValue })
    // What cannot be made a selector is told once more.
    return errors.length === 0 ? [] : [...errors, fieldErrors.invalid(at, null, 'invalid label selector.')]
  })
}

interface Binding {
  readonly roleRef: RoleRef
  readonly subjects?: readonly Subject[]
}

/** `kinds`: of roles that the binding can give. */
export function validateBinding(
  { roleRef, subjects = [] }: Binding,
  kinds: readonly string[],
  isNamespaced: boolean,
): FieldError[] {
  const errors: FieldError[] = []
  const { apiGroup, kind, name } = roleRef
  if (apiGroup !== group) errors.push(fieldErrors.notSupported('roleRef.apiGroup', apiGroup, [group]))
  if (!kinds.includes(kind)) errors.push(fieldErrors.notSupported('roleRef.kind', kind, kinds))
  if (name) errors.push(...checkField(name, 'roleRef.name', (text) => pathSegment(text)))
  for (const [index, subject] of subjects.entries()) {
    errors.push(...validateSubject(subject, isNamespaced, `subjects[${index}]`))
  }
  for (const [index, subject] of subjects.entries()) {
    if (!subject.name) errors.push(fieldErrors.required(`subjects[${index}].name`))
  }
  if (!name) errors.push(fieldErrors.required('roleRef.name'))
  return errors
}

export function validateRoleRefUnchanged({ roleRef }: Binding, old: Binding): FieldError[] {
  const internal = { APIGroup: roleRef.apiGroup, Kind: roleRef.kind, Name: roleRef.name }
  return validateImmutable(roleRef, old.roleRef, 'roleRef').map((error) => ({ ...error, badValue: internal }))
}

function validateSubject(subject: Subject, isNamespaced: boolean, field: string): FieldError[] {
  const { kind, name, namespace, apiGroup = '' } = subject
  if (kind === 'ServiceAccount') {
    const errors = name ? checkField(name, `${field}.name`, (text) => dns1123Subdomain(text)) : []
    if (apiGroup) errors.push(fieldErrors.notSupported(`${field}.apiGroup`, apiGroup, ['']))
    if (!isNamespaced && !namespace) errors.push(fieldErrors.required(`${field}.namespace`))
    return errors
  }
  if (kind === 'User' || kind === 'Group') {
    return apiGroup === group ? [] : [fieldErrors.notSupported(`${field}.apiGroup`, apiGroup, [group])]
  }
  return [fieldErrors.notSupported(`${field}.kind`, kind, ['ServiceAccount', 'User', 'Group'])]
}
