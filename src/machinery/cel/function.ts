import type { Type } from './type.ts'
import type { Value } from './value.ts'

export type Implementation = (args: readonly Value[]) => Value

/** One signature of a function (cel-go common/decls). */
export interface Overload {
  readonly id: string
  /** The receiver of a member overload comes first. */
  readonly args: readonly Type[]
  readonly result: Type
  readonly member?: boolean
  /** Absent: the function's own implementation, or the evaluator's. */
  readonly call?: Implementation
}

export interface FunctionDeclaration {
  readonly name: string
  readonly overloads: readonly Overload[]
  /** For all overloads; it looks at the types of the values itself. */
  readonly call?: Implementation
  /** Overloads are called with values of any type. */
  readonly unguarded?: boolean
  /** May be called with errors. */
  readonly nonStrict?: boolean
}

export const overload = (
  id: string,
  args: readonly Type[],
  result: Type,
  call?: (...args: never[]) => Value,
): Overload => ({ id, args, result, call: spread(call) })
export const memberOverload = (
  id: string,
  args: readonly Type[],
  result: Type,
  call?: (...args: never[]) => Value,
): Overload => ({ id, args, result, member: true, call: spread(call) })

/** The guards have seen to the types of the arguments. */
function spread(call: ((...args: never[]) => Value) | undefined): Implementation | undefined {
  return call && ((args) => call(...(args as readonly never[])))
}

/** Joins declarations of the same function: the overloads of one after those of the other. */
export function mergeFunctions(
  into: Map<string, FunctionDeclaration>,
  functions: Iterable<FunctionDeclaration>,
): Map<string, FunctionDeclaration> {
  for (const added of functions) {
    const known = into.get(added.name)
    into.set(
      added.name,
      known === undefined
        ? added
        : { ...known, ...added, call: known.call ?? added.call, overloads: [...known.overloads, ...added.overloads] },
    )
  }
  return into
}
