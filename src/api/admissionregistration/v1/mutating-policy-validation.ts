import { fieldErrors, type FieldError } from '../../../machinery/field-error.ts'
import { jsonEqual } from '../../../machinery/json.ts'
import { checkOneOf, checkRequiredOneOf } from '../../field-checks.ts'
import type { MutatingAdmissionPolicy, MutatingAdmissionPolicySpec, Mutation } from '../../types.generated.ts'
import { type Returns, returns } from '../expressions/compile-expression.ts'
import { checkExpression, validateMatchConditions } from './match-conditions.ts'
import { validateMatchResources, validateMutableOperations } from './match-resources-validation.ts'
import { validateParamKind } from './param-kind-validation.ts'
import { type PolicyExpressions, policyExpressions, validateVariables } from './policy-expressions.ts'
import { failurePolicies, reinvocationPolicies } from './policy-values.ts'
import { checkReservedName } from './reserved-names.ts'

/** pkg/apis/admissionregistration/validation ValidateMutatingAdmissionPolicy. */
const patchTypes: readonly string[] = ['ApplyConfiguration', 'JSONPatch']

export function validateMutatingPolicy(policy: MutatingAdmissionPolicy): FieldError[] {
  return [...validateSpec(policy, {}, true), ...checkReservedName(policy)]
}

export function validateMutatingPolicyUpdate(
  policy: MutatingAdmissionPolicy,
  { spec: old = {} }: MutatingAdmissionPolicy,
): FieldError[] {
  const { spec = {} } = policy
  const same = jsonEqual(spec.paramKind, old.paramKind) && jsonEqual(spec.matchConditions, old.matchConditions)
  return validateSpec(policy, old, !same)
}

function validateSpec(
  { spec = {} }: MutatingAdmissionPolicy,
  old: MutatingAdmissionPolicySpec,
  withConditions: boolean,
): FieldError[] {
  const { failurePolicy, paramKind, matchConstraints, variables, mutations } = spec
  const params = paramKind !== undefined
  const expressions = policyExpressions(params, true)
  const errors: FieldError[] =
    failurePolicy === undefined
      ? [fieldErrors.required('spec.failurePolicy')]
      : checkOneOf(failurePolicy, 'spec.failurePolicy', failurePolicies)
  if (paramKind) errors.push(...validateParamKind(paramKind, 'spec.paramKind'))
  if (!matchConstraints) errors.push(fieldErrors.required('spec.matchConstraints'))
  else {
    errors.push(...validateMatchResources(matchConstraints, 'spec.matchConstraints'))
    if (!matchConstraints.resourceRules?.length) {
      errors.push(fieldErrors.required('spec.matchConstraints.resourceRules'))
    }
    errors.push(...validateMutableOperations(matchConstraints, 'spec.matchConstraints'))
  }
  if (withConditions) {
    const stored = new Set((old.matchConditions ?? []).map(({ expression }) => expression))
    errors.push(...validateMatchConditions(spec.matchConditions, 'spec.matchConditions', { params, stored }))
  }
  errors.push(...validateVariables(variables, 'spec.variables', expressions, new Set()))
  if (!mutations?.length) {
    errors.push(fieldErrors.required('spec.mutations', 'mutations must contain at least one item'))
  }
  // Upstream looks for JSON patches, too, among the apply configurations that are stored.
  const stored = new Set((old.mutations ?? []).map(({ applyConfiguration }) => applyConfiguration?.expression ?? ''))
  for (const [index, mutation] of (mutations ?? []).entries()) {
    errors.push(...validateMutation(mutation, `spec.mutations[${index}]`, expressions, stored))
  }
  errors.push(...checkRequiredOneOf(spec.reinvocationPolicy, 'spec.reinvocationPolicy', reinvocationPolicies))
  return errors
}

const members = {
  JSONPatch: { own: 'jsonPatch', other: 'applyConfiguration', wanted: returns.jsonPatch },
  ApplyConfiguration: { own: 'applyConfiguration', other: 'jsonPatch', wanted: returns.applyConfiguration },
} as const

function validateMutation(
  mutation: Mutation,
  field: string,
  expressions: PolicyExpressions,
  stored: ReadonlySet<string>,
): FieldError[] {
  const { patchType } = mutation
  if (!patchType) return [fieldErrors.required(`${field}.patchType`)]
  if (!patchTypes.includes(patchType)) return [fieldErrors.notSupported(`${field}.patchType`, patchType, patchTypes)]
  const { own, other, wanted } = members[patchType]
  const patch = mutation[own]
  const errors: FieldError[] = patch
    ? validateExpression(patch.expression ?? '', wanted, `${field}.${own}.expression`, expressions, stored)
    : [fieldErrors.required(`${field}.${own}`, `must be specified when patchType is ${patchType}`)]
  if (mutation[other]) {
    const detail = `must not be specified when patchType is ${patchType}`
    errors.push(fieldErrors.invalid(`${field}.${other}`, `{${other}}`, detail))
  }
  return errors
}

function validateExpression(
  text: string,
  wanted: Returns,
  field: string,
  expressions: PolicyExpressions,
  stored: ReadonlySet<string>,
): FieldError[] {
  const expression = text.trim()
  if (expression === '') return [fieldErrors.required(field)]
  const known = stored.has(text) ? new Set([expression]) : new Set<string>()
  const compiled = expressions.compile(expression, wanted, { authorizer: true, patches: true }, known)
  return checkExpression(compiled, expression, field)
}
