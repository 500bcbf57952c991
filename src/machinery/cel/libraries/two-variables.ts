import { GrowingMap, LiteralMap } from '../collections.ts'
import type { Library } from '../environment.ts'
import { type Expr, operator } from '../expression.ts'
import { overload } from '../function.ts'
import {
  accumulator,
  call,
  comprehension,
  type ExprFactory,
  ident,
  literal,
  type Macro,
  MacroError,
  type Quantifier,
  quantify,
  transform,
  variableName,
} from '../macro.ts'
import { mapOf, typeParam } from '../type.ts'
import { CelError, type MapValue, type Value } from '../value.ts'

const mapInsert = 'cel.@mapInsert'
const key = typeParam('K')
const value = typeParam('V')
const map = mapOf(key, value)

function variables([first, second]: readonly Expr[]): { variable: string; variable2: string } {
  for (const expr of [first!, second!])
    if (expr.node.kind !== 'ident') throw new MacroError(expr, 'argument must be a simple name')
  if (first!.node.kind === 'ident' && second!.node.kind === 'ident' && first!.node.name === second!.node.name)
    throw new MacroError(second!, `duplicate variable name: ${second!.node.name}`)
  const [variable, variable2] = [first!, second!].map((expr) => variableName(expr, 'argument must be a simple name'))
  return { variable: variable!, variable2: variable2! }
}

const quantifier = (name: string, kind: Quantifier): Macro => ({
  name,
  argCount: 3,
  member: true,
  expand: (make, target, args) => quantify(make, kind, { range: target!, ...variables(args) }, args[2]!),
})

/** The forms with and without a filter before the last argument. */
function transformation(
  name: string,
  expand: (make: ExprFactory, range: Expr, args: readonly Expr[], filter: Expr | undefined, result: Expr) => Expr,
): Macro[] {
  return [3, 4].map((argCount) => ({
    name,
    argCount,
    member: true,
    expand: (make, target, args) =>
      expand(make, target!, args, argCount === 4 ? args[2] : undefined, args[argCount - 1]!),
  }))
}

function intoMap(
  make: ExprFactory,
  range: Expr,
  names: ReturnType<typeof variables>,
  filter: Expr | undefined,
  insert: Expr,
): Expr {
  const step = filter === undefined ? insert : call(make, operator.conditional, filter, insert, accumulator(make))
  const init = make.make({ kind: 'map', entries: [] })
  return comprehension(make, {
    range,
    ...names,
    init,
    condition: literal(make, true),
    step,
    result: accumulator(make),
  })
}

function insert(into: MapValue, name: Value, element: Value): Value {
  if (into instanceof GrowingMap) return into.insert(name, element)
  const copy = into instanceof LiteralMap ? into : new LiteralMap(entriesOf(into))
  return copy.with(name, element)
}
function* entriesOf(of: MapValue): Generator<readonly [Value, Value]> {
  for (const name of of.keys()) yield [name, of.find(name) ?? null]
}
function insertAll(into: MapValue, from: MapValue): Value {
  let result: Value = into
  for (const [name, element] of entriesOf(from)) {
    result = insert(result as MapValue, name, element)
    if (result instanceof CelError) return result
  }
  return result
}

/** Quantifiers and transformations over keys with values, indexes with elements (cel-go ext/comprehensions.go). */
export const twoVariableLibrary: Library = {
  macros: [
    quantifier('all', 'all'),
    quantifier('exists', 'exists'),
    quantifier('existsOne', 'existsOne'),
    quantifier('exists_one', 'existsOne'),
    ...transformation('transformList', (make, range, args, filter, element) =>
      transform(make, { range, ...variables(args) }, filter, element),
    ),
    ...transformation('transformMap', (make, range, args, filter, element) => {
      const names = variables(args)
      const step = call(make, mapInsert, accumulator(make), ident(make, names.variable), element)
      return intoMap(make, range, names, filter, step)
    }),
    ...transformation('transformMapEntry', (make, range, args, filter, entry) =>
      intoMap(make, range, variables(args), filter, call(make, mapInsert, accumulator(make), entry)),
    ),
  ],
  functions: [
    {
      name: mapInsert,
      overloads: [
        overload('@mapInsert_map_key_value', [map, key, value], map, insert),
        overload('@mapInsert_map_map', [map, map], map, insertAll),
      ],
    },
  ],
}
