import { declaredStructs } from '../../../machinery/cel/declared-structs.ts'
import { type Environment, extendEnvironment } from '../../../machinery/cel/environment.ts'
import { kubernetesCosts } from '../../../machinery/cel/libraries/kubernetes-cost.ts'
import { storedExpressions } from '../../../machinery/cel/libraries/kubernetes.ts'
import { formatValue } from '../../../machinery/cel/format-value.ts'
import { nativeValue } from '../../../machinery/cel/native-value.ts'
import { compile, PlanError, Program } from '../../../machinery/cel/program.ts'
import { CompileError } from '../../../machinery/cel/source.ts'
import {
  boolType,
  listOf,
  mapOf,
  objectType,
  sameType,
  stringType,
  type Type,
  typeText,
} from '../../../machinery/cel/type.ts'
import { CelError } from '../../../machinery/cel/value.ts'
import { aggregate } from '../../../machinery/errors.ts'
import { type FieldError, fieldErrors } from '../../../machinery/field-error.ts'
import type { ReviewSpec } from './review-spec.ts'

const texts = (...names: string[]): Record<string, Type> => Object.fromEntries(names.map((name) => [name, stringType]))
const selector = { rawSelector: stringType, requirements: listOf(objectType('kubernetes.SelectorRequirement')) }

/** `request`: the spec of a SubjectAccessReview (apiserver pkg/authorization/cel/compile.go). */
const environment: Environment = extendEnvironment(storedExpressions, {
  variables: [['request', objectType('kubernetes.SubjectAccessReviewSpec')]],
  structs: declaredStructs({
    'kubernetes.SubjectAccessReviewSpec': {
      resourceAttributes: objectType('kubernetes.ResourceAttributes'),
      nonResourceAttributes: objectType('kubernetes.NonResourceAttributes'),
      ...texts('user', 'uid'),
      groups: listOf(stringType),
      extra: mapOf(stringType, listOf(stringType)),
    },
    'kubernetes.ResourceAttributes': {
      ...texts('namespace', 'verb', 'group', 'version', 'resource', 'subresource', 'name'),
      fieldSelector: objectType('kubernetes.FieldSelectorAttributes'),
      labelSelector: objectType('kubernetes.LabelSelectorAttributes'),
    },
    'kubernetes.NonResourceAttributes': texts('path', 'verb'),
    'kubernetes.FieldSelectorAttributes': selector,
    'kubernetes.LabelSelectorAttributes': selector,
    'kubernetes.SelectorRequirement': { ...texts('key', 'operator'), values: listOf(stringType) },
  }),
})

interface Condition {
  readonly expression: string
  readonly program: Program
}
const costs = kubernetesCosts()
const maxConditions = 64

/** Which requests an authorizer is asked about. */
export interface MatchConditions {
  /** Throws an Error when a condition failed and none is false. */
  match(spec: ReviewSpec): boolean
}

export function compileMatchConditions(
  conditions: readonly { readonly expression: string }[],
  path: string,
): { readonly matches: MatchConditions; readonly errors: readonly FieldError[] } {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  const field = `${path}.matchConditions`
  if (conditions.length > maxConditions)
    return { matches: matcher([]), errors: [fieldErrors.tooMany(field, conditions.length, maxConditions)] }
  const compiled = conditions.flatMap(({ expression }, index): Condition[] => {
    const at = `${field}[${index}].expression`
    if (expression.trim() === '') errors.push(fieldErrors.required(at, ''))
    else if (seen.has(expression)) errors.push(fieldErrors.duplicate(at, expression))
    else {
      seen.add(expression)
      const result = compileCondition(expression)
      if (typeof result !== 'string') return [{ expression, program: result }]
      errors.push(fieldErrors.invalid(at, expression, result))
    }
    return []
  })
  return { matches: matcher(compiled), errors }
}

/** The program, or why there is none. */
function compileCondition(expression: string): Program | string {
  try {
    const checked = compile(expression, environment)
    if (!sameType(checked.outputType, boolType))
      return `must evaluate to ${typeText(boolType)} but got ${typeText(checked.outputType)}`
    return new Program(checked, environment, costs, Infinity)
  } catch (error) {
    if (error instanceof CompileError) return `compilation failed: ${error.message}`
    if (error instanceof PlanError) return `program instantiation failed: ${error.message}`
    throw error
  }
}

function matcher(conditions: readonly Condition[]): MatchConditions {
  return {
    match(spec) {
      if (conditions.length === 0) return true
      const request = nativeValue(everyField(spec))
      const failures: string[] = []
      for (const { expression, program } of conditions) {
        const { value } = program.evaluate((name) => (name === 'request' ? request : undefined))
        if (value === false) return false
        if (value instanceof CelError)
          failures.push(`cel evaluation error: expression '${expression}' resulted in error: ${value.message}`)
        else if (value !== true)
          failures.push(
            `cel evaluation error: expression '${expression}' eval result type should be bool but got ${formatValue(value)}`,
          )
      }
      if (failures.length > 0) throw new Error(aggregate(failures))
      return true
    },
  }
}

/** Every attribute that is a text is there, an empty one too. */
function everyField({ resourceAttributes, nonResourceAttributes, user, groups, extra, uid }: ReviewSpec): object {
  return {
    user: user ?? '',
    groups: groups ?? [],
    uid: uid ?? '',
    extra: extra ?? {},
    resourceAttributes: resourceAttributes && {
      namespace: resourceAttributes.namespace ?? '',
      verb: resourceAttributes.verb ?? '',
      group: resourceAttributes.group ?? '',
      version: resourceAttributes.version ?? '',
      resource: resourceAttributes.resource ?? '',
      subresource: resourceAttributes.subresource ?? '',
      name: resourceAttributes.name ?? '',
      fieldSelector: resourceAttributes.fieldSelector,
      labelSelector: resourceAttributes.labelSelector,
    },
    nonResourceAttributes: nonResourceAttributes && {
      verb: nonResourceAttributes.verb ?? '',
      path: nonResourceAttributes.path ?? '',
    },
  }
}
