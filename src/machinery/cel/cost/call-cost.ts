import { Optional, sizeOf, type Value } from '../value.ts'
import { cost, type CostEstimator, type OverloadCosts } from './cost-model.ts'

/** What a call did cost (cel-go interpreter/runtimecost.go). */
export function callCost(
  overloads: OverloadCosts,
  estimator: CostEstimator,
  name: string,
  overload: string,
  args: readonly Value[],
  result: Value,
): number {
  return (
    overloads.get(overload)?.track?.(args, result) ??
    estimator.callCost(name, overload, args, result) ??
    builtInCallCost(overload, args)
  )
}

/** The size of a value, 1 for what has none. */
export function actualSize(value: Value): number {
  if (value instanceof Optional && value.value !== undefined) return actualSize(value.value)
  return sizeOf(value) ?? 1
}
const traversal = (value: Value) => Math.ceil(actualSize(value) * cost.stringTraversal)

function builtInCallCost(overload: string, args: readonly Value[]): number {
  const [first, second] = args as [Value, Value]
  switch (overload) {
    case 'starts_with_string':
    case 'ends_with_string':
      return traversal(second)
    case 'string_to_bytes':
    case 'bytes_to_string':
    case 'strings_quote':
    case 'string_format':
      return traversal(first)
    case 'in_list':
      return actualSize(second)
    case 'add_string':
    case 'add_bytes':
      return Math.ceil((actualSize(first) + actualSize(second)) * cost.stringTraversal)
    case 'matches':
    case 'matches_string':
      return regexCallCost(first, second)
    case 'contains_string':
      return traversal(first) * traversal(second)
    case 'equals':
    case 'not_equals':
      return comparison(first, second)
  }
  return /^(less|greater)(_equals)?_(string|bytes)$/.test(overload) ? comparison(first, second) : 1
}

export function regexCallCost(text: Value, pattern: Value): number {
  const textCost = Math.ceil((1 + actualSize(text)) * cost.stringTraversal)
  return textCost * Math.ceil(actualSize(pattern) * cost.regex)
}
function comparison(left: Value, right: Value): number {
  return Math.ceil(Math.min(actualSize(left), actualSize(right)) * cost.stringTraversal)
}
