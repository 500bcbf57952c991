import type { Attribute } from './attribute.ts'
import {
  ComputedAttribute,
  ComputedQualifier,
  ConditionalAttribute,
  ConstantQualifier,
  PresenceQualifier,
  VariableAttribute,
} from './qualified-attributes.ts'
import { callStep } from './call-step.ts'
import type { Checked } from './checked.ts'
import { LiteralMap, ArrayList } from './collections.ts'
import { cost, type CostEstimator } from './cost/cost-model.ts'
import { callCost } from './cost/call-cost.ts'
import type { Environment } from './environment.ts'
import { equalValues } from './equality.ts'
import {
  type CallNode,
  type ComprehensionNode,
  type Expr,
  type ListNode,
  type MapNode,
  operator,
  type SelectNode,
  type StructNode,
} from './expression.ts'
import { patternProblem } from './pattern.ts'
import {
  AttributeStep,
  constantStep,
  foldStep,
  listStep,
  logicalStep,
  mapStep,
  optionalEntry,
  priced,
  type Step,
} from './step.ts'
import { CelError, ListValue, noSuchOverload, Optional, Uint, type Value } from './value.ts'

/** Functions whose calls with a constant are computed when the program is made. */
const conversions = new Set('bool bytes double duration dyn int string timestamp type uint'.split(' '))

/** A program cannot be made: a constant part of it fails. */
export class PlanError extends Error {
  override readonly name = 'PlanError'
}

/**
 * Turns a checked expression into steps, with constants folded, sets for `in`, and regular expressions compiled, since
 * what they then cost differs (cel-go interpreter/planner.go, decorators.go).
 */
export class Planner {
  readonly #checked: Checked
  readonly #environment: Environment
  readonly #estimator: CostEstimator

  constructor(checked: Checked, environment: Environment, estimator: CostEstimator) {
    this.#checked = checked
    this.#environment = environment
    this.#estimator = estimator
  }

  plan(expr: Expr): Step {
    const { node } = expr
    switch (node.kind) {
      case 'literal':
        return constantStep(node.value)
      case 'ident':
        return this.#ident(expr, node.name)
      case 'select':
        return this.#select(node)
      case 'call':
        return this.#call(expr, node)
      case 'list':
        return this.#list(node)
      case 'map':
        return this.#map(node)
      case 'struct':
        return this.#struct(node)
      case 'comprehension':
        return this.#comprehension(node)
      case 'unspecified':
        throw new PlanError('unsupported expr')
    }
  }

  #ident(expr: Expr, name: string): Step {
    if (this.#checked.types.get(expr.id)?.kind === 'type') {
      const structs = this.#environment.structs.map((known) => known.find(name))
      const type = this.#environment.types.get(name) ?? structs.find((found) => found !== undefined)
      if (type !== undefined) return constantStep(type)
    }
    return new AttributeStep(new VariableAttribute(name))
  }

  #select({ operand, field, testOnly }: SelectNode): Step {
    const attribute = attributeOf(this.plan(operand))
    attribute.addQualifier(testOnly ? new PresenceQualifier(field) : new ConstantQualifier(field, false))
    return new AttributeStep(attribute, testOnly)
  }

  #call(expr: Expr, node: CallNode): Step {
    const operands = node.target === undefined ? node.args : [node.target, ...node.args]
    const args = operands.map((operand) => this.plan(operand))
    const [first, second, third] = args as [Step, Step, Step]
    switch (node.function) {
      case operator.and:
        return logicalStep(false, args)
      case operator.or:
        return logicalStep(true, args)
      case operator.conditional:
        return new AttributeStep(new ConditionalAttribute(first, branchOf(second), branchOf(third)))
      case operator.equals:
        return this.#compare(node.function, 'equals', args, (value) => value)
      case operator.notEquals:
        return this.#compare(node.function, 'not_equals', args, (value) => value !== true)
      case operator.index:
        return indexStep(first, second, false)
      case operator.optionalIndex:
      case operator.optionalSelect:
        return indexStep(first, second, true)
    }
    const overloads = this.#checked.references.get(expr.id)?.overloads ?? []
    const alternative = optionalAlternative(node, overloads, first, second)
    if (alternative !== undefined) return alternative
    if (node.function === operator.in && overloads.length === 1 && overloads[0] === 'in_list') {
      const set = second.constant && membershipStep(first, second.constant.value)
      if (set !== undefined) return set
    }
    const constantPattern = isConstantPattern(node.function, second)
    const declaration = this.#environment.functions.get(node.function)
    // Only where nobody has checked the expression.
    if (declaration === undefined) return constantStep(noSuchOverload)
    const costOf = (name: string, overload: string, values: readonly Value[], result: Value) =>
      callCost(this.#environment.costs, this.#estimator, name, overload, values, result)
    const step = callStep(declaration, overloads, args, costOf, constantPattern)
    if (conversions.has(node.function) && args.length === 1 && first.constant !== undefined) {
      const value = step.compute([first.constant.value])
      if (value instanceof CelError) throw new PlanError(value.message)
      return constantStep(value)
    }
    return step
  }

  #compare(name: string, overload: string, [left, right]: readonly Step[], result: (equal: Value) => Value): Step {
    return {
      run: (frame) => {
        const a = left!.run(frame)
        const b = right!.run(frame)
        const value = a instanceof CelError ? a : b instanceof CelError ? b : result(equalValues(a, b))
        frame.costs.spend(callCost(this.#environment.costs, this.#estimator, name, overload, [a, b], value))
        return value
      },
    }
  }

  #list({ elements, optionals }: ListNode): Step {
    const steps = elements.map((element) => this.plan(element))
    if (optionals.size === 0 && steps.every((step) => step.constant !== undefined))
      return constantStep(new ArrayList(steps.map((step) => step.constant!.value)))
    return priced(cost.createList, listStep(steps, optionals))
  }

  #map({ entries }: MapNode): Step {
    const steps = entries.map(({ key, value, optional }) => ({
      key: this.plan(key),
      value: this.plan(value),
      optional,
    }))
    if (steps.every(({ key, value, optional }) => !optional && key.constant && value.constant))
      return constantStep(
        new LiteralMap(steps.map(({ key, value }) => [key.constant!.value, value.constant!.value] as const)),
      )
    return priced(cost.createMap, mapStep(steps))
  }

  #struct({ typeName, fields }: StructNode): Step {
    const steps = fields.map(({ name, value, optional }) => ({ name, value: this.plan(value), optional }))
    const owner = this.#environment.structs.find((known) => known.find(typeName) !== undefined)
    return priced(cost.createStruct, {
      run(frame) {
        const values = new Map<string, Value>()
        for (const { name, value, optional } of steps) {
          const made = optionalEntry(value.run(frame), optional, name)
          if (made instanceof CelError) return made
          if (made === undefined) values.delete(name)
          else values.set(name, made)
        }
        return owner?.construct?.(typeName, values) ?? new CelError(`unknown type '${typeName}'`)
      },
    })
  }

  #comprehension(node: ComprehensionNode): Step {
    return foldStep({
      variable: node.variable,
      variable2: node.variable2,
      accumulator: node.accumulator,
      init: this.plan(node.init),
      range: this.plan(node.range),
      condition: this.plan(node.condition),
      step: this.plan(node.step),
      result: this.plan(node.result),
    })
  }
}

/** A constant regular expression is compiled when the program is made; throws PlanError where it is none. */
function isConstantPattern(name: string, argument: Step | undefined): boolean {
  const text = argument?.constant?.value
  if (!['matches', 'find', 'findAll'].includes(name) || typeof text !== 'string') return false
  const problem = patternProblem(text)
  if (problem !== undefined) throw new PlanError(problem)
  return true
}

/** The attribute that a selection goes on from. */
const attributeOf = (step: Step): Attribute => step.attribute ?? new ComputedAttribute(step)
/** A branch that is an attribute does not cost as an expression of its own. */
const branchOf = attributeOf

function indexStep(operand: Step, index: Step, optional: boolean): Step {
  if (index.constant?.value === null) throw new PlanError('invalid qualifier type: types.Null')
  const attribute = attributeOf(operand)
  attribute.addQualifier(
    index.constant === undefined
      ? new ComputedQualifier(attributeOf(index), optional)
      : new ConstantQualifier(index.constant.value, optional),
  )
  return new AttributeStep(attribute)
}

/** optional.or and orValue compute their argument only where it is wanted, and cost nothing (cel-go cel/library.go). */
function optionalAlternative(
  node: CallNode,
  overloads: readonly string[],
  first: Step,
  second: Step,
): Step | undefined {
  const or = node.function === 'or'
  if ((!or && node.function !== 'orValue') || node.target === undefined || node.args.length !== 1) return undefined
  if (overloads.length === 1 && overloads[0] !== (or ? 'optional_or_optional' : 'optional_orValue_value'))
    return undefined
  return {
    run(frame) {
      const value = first.run(frame)
      if (value instanceof CelError) return value
      if (!(value instanceof Optional)) return noSuchOverload
      if (value.value === undefined) return second.run(frame)
      return or ? value : value.value
    },
  }
}

/** Membership in a constant list of simple values is a look-up, which costs nothing; undefined: it is no such list. */
function membershipStep(operand: Step, list: Value): Step | undefined {
  if (!(list instanceof ListValue)) return undefined
  if (list.size === 0) return constantStep(false)
  const members = new Set<unknown>()
  for (const member of list) {
    if (typeof member === 'object' && !(member instanceof Uint)) return undefined
    members.add(memberKey(member))
  }
  return {
    run(frame) {
      const value = operand.run(frame)
      return value instanceof CelError ? value : members.has(memberKey(value))
    },
  }
}
function memberKey(value: Value): unknown {
  if (value instanceof Uint) return value.value
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value
}
