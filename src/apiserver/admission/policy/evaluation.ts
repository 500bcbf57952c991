import type { CompiledExpression } from '../../../api/admissionregistration/expressions/compile-expression.ts'
import { AuthorizerValue, ResourceCheck } from '../../../machinery/cel/libraries/authorizer.ts'
import { nativeValue } from '../../../machinery/cel/native-value.ts'
import { objectType, type Type } from '../../../machinery/cel/type.ts'
import { CelError, MapValue, type Value } from '../../../machinery/cel/value.ts'
import { goQuote } from '../../../machinery/field-error.ts'
import type { GroupVersionKind, GroupVersionResource, KubeObject } from '../../../machinery/meta/object.ts'
import type { AdmissionAttributes } from '../plugin.ts'
import type { AccessAnswers } from './access-answers.ts'
import { requestVariable } from './request-variable.ts'

/** A request as one policy, or one webhook, knows it: in the version that its rules name. */
export interface Subject {
  readonly attributes: AdmissionAttributes
  readonly resource: GroupVersionResource
  readonly kind: GroupVersionKind
  readonly object: KubeObject | undefined
  readonly oldObject: KubeObject | undefined
}
/** What beside the request an evaluation may use. */
export interface Bindings {
  readonly params?: unknown
  /** null: none, for objects that are in none. */
  readonly namespaceObject: Readonly<Record<string, unknown>> | null
  /** Absent: expressions may not ask. */
  readonly access?: AccessAnswers
  readonly variables?: ReadonlyMap<string, CompiledExpression>
}
export interface Outcome {
  readonly value?: Value
  readonly error?: string
}

/** The expressions of a policy cost more than they may. */
export class OutOfBudget extends Error {
  override readonly name = 'OutOfBudget'
  constructor() {
    super('validation failed due to running out of cost budget, no further validation rules will be run')
  }
}

/** Evaluates some expressions over one request; what they cost is taken from a budget that they share. */
export class Evaluation {
  #remaining: number
  readonly #known: ReadonlyMap<string, Value>
  readonly #variables: LazyVariables
  constructor(subject: Subject, bindings: Bindings, budget: number) {
    this.#remaining = budget
    this.#variables = new LazyVariables(bindings.variables ?? new Map(), (name) => this.#resolve(name))
    this.#known = knownValues(subject, bindings)
  }
  get remaining(): number {
    return this.#remaining
  }

  /** Throws OutOfBudget. */
  evaluate(compiled: CompiledExpression): Outcome {
    const { program, error, expression } = compiled
    if (program === undefined) return { error: `compilation error: ${error}` }
    const { value, cost } = program.evaluate((name) => this.#resolve(name))
    this.#spend(this.#variables.takeCost())
    this.#spend(cost)
    return value instanceof CelError
      ? { error: `expression '${expression}' resulted in error: ${value.message}` }
      : { value }
  }

  #resolve(name: string): Value | undefined {
    return name === 'variables' ? this.#variables : this.#known.get(name)
  }
  #spend(cost: number): void {
    if (cost > this.#remaining) throw new OutOfBudget()
    this.#remaining -= cost
  }
}

function knownValues(subject: Subject, { params, namespaceObject, access }: Bindings): Map<string, Value> {
  const { attributes, resource, kind, object, oldObject } = subject
  const values = new Map<string, Value>([
    ['object', nativeValue(object)],
    ['oldObject', nativeValue(oldObject)],
    ['params', nativeValue(params)],
    ['request', nativeValue(requestVariable(attributes, resource, kind))],
    ['namespaceObject', nativeValue(namespaceObject)],
  ])
  if (access === undefined) return values
  const authorizer = new AuthorizerValue(access.ask)
  const { group, resource: name } = attributes.resource
  const requestResource = new ResourceCheck(authorizer, {
    group,
    resource: name,
    subresource: attributes.subresource,
    namespace: attributes.namespace,
    name: attributes.name,
  })
  return values.set('authorizer', authorizer).set('authorizer.requestResource', requestResource)
}

const variablesType = objectType('kubernetes.variables')

/** `variables`: each is evaluated when it is first used, and costs then (apiserver pkg/cel/lazy). */
class LazyVariables extends MapValue {
  readonly type: Type = variablesType
  readonly #compiled: ReadonlyMap<string, CompiledExpression>
  readonly #resolve: (name: string) => Value | undefined
  readonly #values = new Map<string, Value>()
  #cost = 0
  constructor(compiled: ReadonlyMap<string, CompiledExpression>, resolve: (name: string) => Value | undefined) {
    super()
    this.#compiled = compiled
    this.#resolve = resolve
  }
  get size(): number {
    return this.#compiled.size
  }
  keys(): Iterable<Value> {
    return this.#compiled.keys()
  }
  find(key: Value): Value | undefined {
    if (typeof key !== 'string') return undefined
    const compiled = this.#compiled.get(key)
    if (compiled === undefined) return undefined
    let value = this.#values.get(key)
    if (value === undefined) this.#values.set(key, (value = this.#evaluate(key, compiled)))
    return value
  }
  /** What was spent since the last time. */
  takeCost(): number {
    const cost = this.#cost
    this.#cost = 0
    return cost
  }
  #evaluate(name: string, { program, error }: CompiledExpression): Value {
    if (program === undefined) return new CelError(`composited variable ${goQuote(name)} fails to compile: ${error}`)
    const { value, cost } = program.evaluate(this.#resolve)
    this.#cost += cost
    return value instanceof CelError
      ? new CelError(`composited variable ${goQuote(name)} fails to evaluate: ${value.message}`)
      : value
  }
}
