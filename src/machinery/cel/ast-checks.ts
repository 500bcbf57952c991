import { toDuration, toTimestamp } from './convert.ts'
import type { AstCheck } from './environment.ts'
import { type Expr, children } from './expression.ts'
import { patternProblem } from './pattern.ts'
import { formatType, sameType, type Type } from './type.ts'
import { CelError, type Value } from './value.ts'

/** Every expression from the root down, with those around it, the nearest first. */
export function* walk(expr: Expr, around: readonly Expr[] = []): Generator<readonly [Expr, readonly Expr[]]> {
  yield [expr, around]
  for (const child of children(expr)) yield* walk(child, [expr, ...around])
}

/** The literal that a function is called with first must be one that it takes. */
function literalCheck(name: string, fails: (value: Value) => boolean): AstCheck {
  return ({ expr }, _environment, report) => {
    for (const [{ node }] of walk(expr)) {
      if (node.kind !== 'call' || node.function !== name) continue
      const [arg] = node.args
      if (arg?.node.kind === 'literal' && fails(arg.node.value)) report(arg.id, `invalid ${name} argument`)
    }
  }
}

const homogeneousLiterals: AstCheck = ({ expr, types }, _environment, report) => {
  const found = [...walk(expr)].filter(
    ([, around]) => !around.some(({ node }) => node.kind === 'call' && node.function === 'format'),
  )
  const typeOf = (part: Expr, optional: boolean) => {
    const type = types.get(part.id)!
    return optional ? type.params[0]! : type
  }
  const differs = (id: number, expected: Type, actual: Type): boolean => {
    if (sameType(expected, actual, true)) return false
    report(id, `expected type '${formatType(expected)}' but found '${formatType(actual)}'`)
    return true
  }
  for (const [{ node }] of found) {
    if (node.kind !== 'list') continue
    const [first, ...rest] = node.elements.map((element, index) => typeOf(element, node.optionals.has(index)))
    rest.some((type, index) => differs(node.elements[index + 1]!.id, first!, type))
  }
  for (const [{ node }] of found) {
    if (node.kind !== 'map') continue
    const [first, ...rest] = node.entries
    if (first === undefined) continue
    const keyType = typeOf(first.key, false)
    const valueType = typeOf(first.value, first.optional)
    for (const { key, value, optional } of rest) {
      differs(key.id, keyType, typeOf(key, false))
      differs(value.id, valueType, typeOf(value, optional))
    }
  }
}

export const literalChecks: readonly AstCheck[] = [
  literalCheck('duration', (value) => toDuration(value) instanceof CelError),
  literalCheck('timestamp', (value) => toTimestamp(value) instanceof CelError),
  literalCheck('matches', (value) => typeof value === 'string' && patternProblem(value) !== undefined),
  homogeneousLiterals,
]
