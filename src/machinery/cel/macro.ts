import { type Expr, type ExprNode, operator } from './expression.ts'
import type { Value } from './value.ts'

/** The accumulator of a comprehension: a name that no expression can write. */
export const accumulatorName = '@result'
const oldAccumulatorName = '__result__'

/** A call that the parser replaces (cel-go parser/macro.go). */
export interface Macro {
  readonly name: string
  readonly argCount: number
  readonly member: boolean
  /** undefined: the call stays as it is. Throws MacroError. */
  expand(make: ExprFactory, target: Expr | undefined, args: readonly Expr[]): Expr | undefined
}

export class MacroError extends Error {
  override readonly name = 'MacroError'
  readonly at: Expr
  constructor(at: Expr, message: string) {
    super(message)
    this.at = at
  }
}

/** Makes expressions that stand where the macro's call stands. */
export interface ExprFactory {
  make(node: ExprNode): Expr
  /** The same expression with new ids. */
  copy(expr: Expr): Expr
}

export const ident = (make: ExprFactory, name: string) => make.make({ kind: 'ident', name })
export const literal = (make: ExprFactory, value: Value) => make.make({ kind: 'literal', value })
export const call = (make: ExprFactory, name: string, ...args: Expr[]) =>
  make.make({ kind: 'call', function: name, args })
export const memberCall = (make: ExprFactory, name: string, target: Expr, ...args: Expr[]) =>
  make.make({ kind: 'call', function: name, target, args })
export const list = (make: ExprFactory, ...elements: Expr[]) =>
  make.make({ kind: 'list', elements, optionals: new Set() })

interface Fold {
  readonly range: Expr
  readonly variable: string
  readonly variable2?: string
  readonly accumulator?: string
  readonly init: Expr
  readonly condition: Expr
  readonly step: Expr
  readonly result: Expr
}
export function comprehension(make: ExprFactory, fold: Fold): Expr {
  return make.make({ kind: 'comprehension', variable2: '', accumulator: accumulatorName, ...fold })
}

/** `result` with a variable bound: how optMap and sortBy name a value that is computed once. */
export function bind(make: ExprFactory, variable: string, init: Expr, result: Expr): Expr {
  const range = list(make)
  const condition = literal(make, false)
  const step = ident(make, variable)
  return comprehension(make, { range, variable: '#unused', accumulator: variable, init, condition, step, result })
}

export const accumulator = (make: ExprFactory) => ident(make, accumulatorName)

/** The name that a macro's argument gives to its variable. */
export function variableName(expr: Expr, problem: string): string {
  if (expr.node.kind !== 'ident') throw new MacroError(expr, problem)
  const { name } = expr.node
  if (name === accumulatorName || name === oldAccumulatorName)
    throw new MacroError(expr, 'iteration variable overwrites accumulator variable')
  return name
}

export type Quantifier = 'all' | 'exists' | 'existsOne'
type Range = Pick<Fold, 'range' | 'variable' | 'variable2'>

export function quantify(make: ExprFactory, quantifier: Quantifier, range: Range, predicate: Expr): Expr {
  switch (quantifier) {
    case 'all': {
      const init = literal(make, true)
      const condition = call(make, operator.notStrictlyFalse, accumulator(make))
      const step = call(make, operator.and, accumulator(make), predicate)
      return comprehension(make, { ...range, init, condition, step, result: accumulator(make) })
    }
    case 'exists': {
      const init = literal(make, false)
      const not = call(make, operator.not, accumulator(make))
      const condition = call(make, operator.notStrictlyFalse, not)
      const step = call(make, operator.or, accumulator(make), predicate)
      return comprehension(make, { ...range, init, condition, step, result: accumulator(make) })
    }
    case 'existsOne': {
      const init = literal(make, 0n)
      const condition = literal(make, true)
      const one = call(make, operator.add, accumulator(make), literal(make, 1n))
      const step = call(make, operator.conditional, predicate, one, accumulator(make))
      const result = call(make, operator.equals, accumulator(make), literal(make, 1n))
      return comprehension(make, { ...range, init, condition, step, result })
    }
  }
}

/** A list of transformed elements, of those that pass the filter. */
export function transform(make: ExprFactory, range: Range, filter: Expr | undefined, element: Expr): Expr {
  const init = list(make)
  const condition = literal(make, true)
  let step = call(make, operator.add, accumulator(make), list(make, element))
  if (filter !== undefined) step = call(make, operator.conditional, filter, step, accumulator(make))
  return comprehension(make, { ...range, init, condition, step, result: accumulator(make) })
}

function quantifierMacro(name: string, quantifier: Quantifier): Macro {
  return {
    name,
    argCount: 2,
    member: true,
    expand: (make, target, [variable, predicate]) =>
      quantify(
        make,
        quantifier,
        { range: target!, variable: variableName(variable!, 'argument must be a simple name') },
        predicate!,
      ),
  }
}

export function mapMacro(make: ExprFactory, range: Expr, args: readonly Expr[]): Expr {
  const variable = variableName(args[0]!, 'argument is not an identifier')
  const [filter, element] = args.length === 3 ? [args[1], args[2]!] : [undefined, args[1]!]
  return transform(make, { range, variable }, filter, element)
}

export const standardMacros: readonly Macro[] = [
  {
    name: 'has',
    argCount: 1,
    member: false,
    expand(make, _target, [arg]) {
      if (arg!.node.kind !== 'select') throw new MacroError(arg!, 'invalid argument to has() macro')
      return make.make({ ...arg!.node, testOnly: true })
    },
  },
  quantifierMacro('all', 'all'),
  quantifierMacro('exists', 'exists'),
  quantifierMacro('exists_one', 'existsOne'),
  ...[2, 3].map(
    (argCount): Macro => ({
      name: 'map',
      argCount,
      member: true,
      expand: (make, target, args) => mapMacro(make, target!, args),
    }),
  ),
  {
    name: 'filter',
    argCount: 2,
    member: true,
    expand(make, target, [element, filter]) {
      const variable = variableName(element!, 'argument is not an identifier')
      return transform(make, { range: target!, variable }, filter, element!)
    },
  },
]
