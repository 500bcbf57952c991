import type { FunctionDeclaration, Implementation, Overload } from './function.ts'
import type { Step } from './step.ts'
import type { Type } from './type.ts'
import { CelError, ListValue, MapValue, noSuchOverload, type Value, valueType } from './value.ts'

export interface CallStep extends Step {
  /** Calls the function without cost. */
  compute(args: readonly Value[]): Value
}

/**
 * Calls a function: the overload that the checker found, or the first that the values fit. `constantPattern`: the second
 * argument is a regular expression that upstream compiles beforehand, after which it looks at the types in another way.
 */
export function callStep(
  declaration: FunctionDeclaration,
  overloads: readonly string[],
  args: readonly Step[],
  costOf: (name: string, overload: string, args: readonly Value[], result: Value) => number,
  constantPattern = false,
): CallStep {
  const { name } = declaration
  const overload = overloads.length === 1 ? overloads[0]! : ''
  const known = declaration.overloads.find(({ id }) => id === overload)
  const general = declaration.call ?? implementationOf(declaration, known)
  const implementation: Implementation = constantPattern
    ? (values) => (typeof values[0] === 'string' ? general(values) : noSuchOverload)
    : general
  // A call that is dispatched by its values ends with the first argument that fails; it costs nothing if others follow.
  const dispatched = constantPattern || (declaration.call === undefined && known?.call === undefined)
  const strict = declaration.nonStrict !== true
  const compute = (values: readonly Value[]): Value => {
    if (strict) for (const value of values) if (value instanceof CelError) return value
    return implementation(values)
  }
  return {
    compute,
    run(frame) {
      const values: Value[] = []
      for (const arg of args) {
        const value = arg.run(frame)
        values.push(value)
        const ends = strict && (dispatched || args.length > 2) && value instanceof CelError
        if (ends && values.length < args.length) return value
      }
      const result = compute(values)
      frame.costs.spend(costOf(name, overload, values, result))
      return result
    },
  }
}

function implementationOf(declaration: FunctionDeclaration, known: Overload | undefined): Implementation {
  const candidates = known?.call === undefined ? declaration.overloads : [known]
  return (values) => {
    for (const { args, call } of candidates)
      if (call !== undefined && args.length === values.length && fits(declaration, args, values)) return call(values)
    const types = values.map((value) => valueType(value).name)
    return new CelError(`no such overload: ${declaration.name}(${types.join(', ')})`)
  }
}

function fits({ unguarded }: FunctionDeclaration, types: readonly Type[], values: readonly Value[]): boolean {
  return unguarded === true || types.every((type, index) => hasType(type, values[index]!))
}

/** Whether a value may stand where the type is asked for; of a collection the first entry is looked at. */
function hasType(type: Type, value: Value): boolean {
  if (type.kind === 'dyn' || type.kind === 'any' || type.kind === 'typeParam') return true
  if (valueType(value).name !== type.name) return false
  if (value instanceof ListValue && type.kind === 'list')
    return value.size === 0 || hasType(type.params[0]!, value.at(0))
  if (value instanceof MapValue && type.kind === 'map') {
    for (const key of value.keys())
      return hasType(type.params[0]!, key) && hasType(type.params[1]!, value.find(key) ?? null)
  }
  return true
}
