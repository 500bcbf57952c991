import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { validateLabelSelector } from '../../../machinery/validation/label-selector.ts'
import { checkOneOf } from '../../field-checks.ts'
import type { MatchResources } from '../../types.generated.ts'
import { matchPolicies } from './policy-values.ts'
import { validateNamedRule } from './rule-validation.ts'

/** What a policy or a binding is for (pkg/apis/admissionregistration/validation validateMatchResources). */
export function validateMatchResources(match: MatchResources, field: string): FieldError[] {
  const { matchPolicy, namespaceSelector, objectSelector, resourceRules, excludeResourceRules } = match
  const errors: FieldError[] =
    matchPolicy === undefined
      ? [fieldErrors.required(`${field}.matchPolicy`)]
      : checkOneOf(matchPolicy, `${field}.matchPolicy`, matchPolicies)
  if (namespaceSelector) errors.push(...validateLabelSelector(namespaceSelector, `${field}.namespaceSelector`))
  else errors.push(fieldErrors.required(`${field}.namespaceSelector`))
  if (objectSelector) errors.push(...validateLabelSelector(objectSelector, `${field}.objectSelector`))
  else errors.push(fieldErrors.required(`${field}.objectSelector`))
  for (const [index, rule] of (resourceRules ?? []).entries()) {
    errors.push(...validateNamedRule(rule, `${field}.resourceRules[${index}]`))
  }
  for (const [index, rule] of (excludeResourceRules ?? []).entries()) {
    errors.push(...validateNamedRule(rule, `${field}.excludeResourceRules[${index}]`))
  }
  return errors
}

const mutable: readonly string[] = ['*', 'CONNECT', 'CREATE', 'UPDATE']

/** What is deleted cannot be changed. */
export function validateMutableOperations({ resourceRules }: MatchResources, field: string): FieldError[] {
  return (resourceRules ?? []).flatMap(({ operations }) =>
    (operations ?? []).flatMap((operation) => checkOneOf(operation, `${field}.resourceRules.operations`, mutable)),
  )
}
