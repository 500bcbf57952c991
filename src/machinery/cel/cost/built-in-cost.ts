import type { CallEstimate, CostNode } from './cost-model.ts'
import { cost } from './cost-model.ts'
import { byFactor, type Estimate, plus, times, unit, unknownEstimate, wrapped } from './estimate.ts'

const traversal = cost.stringTraversal
const sizeOf = (node: CostNode | undefined): Estimate => node?.size ?? unknownEstimate

/** Costs of the functions of the language that depend on sizes; undefined: one unit. */
export function builtInCost(
  overload: string,
  target: CostNode | undefined,
  args: readonly CostNode[],
): CallEstimate | undefined {
  const [first, second] = args
  switch (overload) {
    case 'string_format':
      return target && { cost: byFactor(sizeOf(target), traversal) }
    case 'string_to_bytes': {
      const size = sizeOf(first)
      return { cost: byFactor(size, traversal), size: { min: size.min, max: wrapped(size.max * 4n) } }
    }
    case 'bytes_to_string': {
      const size = sizeOf(first)
      return { cost: byFactor(size, traversal), size: { min: size.min / 4n, max: size.max } }
    }
    case 'strings_quote': {
      const size = sizeOf(first)
      const quoted = { min: wrapped(size.min + 2n), max: wrapped(size.max * 2n + 2n) }
      return { cost: byFactor(size, traversal), size: quoted }
    }
    case 'starts_with_string':
    case 'ends_with_string':
      return { cost: byFactor(sizeOf(first), traversal) }
    case 'in_list':
      return { cost: byFactor(sizeOf(second), 1) }
    case 'matches':
      return { cost: regexCost(sizeOf(first), sizeOf(second)) }
    case 'matches_string':
      return { cost: regexCost(sizeOf(target), sizeOf(first)) }
    case 'contains_string':
      return { cost: times(byFactor(sizeOf(target), traversal), byFactor(sizeOf(first), traversal)) }
    case 'add_string':
    case 'add_bytes': {
      const size = plus(sizeOf(first), sizeOf(second))
      return { cost: byFactor(size, traversal), size }
    }
    case 'add_list':
      return { cost: unit, size: plus(sizeOf(first), sizeOf(second)) }
    case 'equals':
    case 'not_equals':
      return { cost: comparisonCost(sizeOf(first), sizeOf(second)) }
  }
  if (/^(less|greater)(_equals)?_(string|bytes)$/.test(overload))
    return { cost: comparisonCost(sizeOf(first), sizeOf(second)) }
  return undefined
}

/** An empty text still costs a run of the expression. */
export function regexCost(text: Estimate, pattern: Estimate): Estimate {
  return times(byFactor(plus(text, unit), traversal), byFactor(pattern, cost.regex))
}

function comparisonCost(left: Estimate, right: Estimate): Estimate {
  const max = left.max < right.max ? left.max : right.max
  return byFactor({ min: max > 0n ? 1n : 0n, max }, traversal)
}
