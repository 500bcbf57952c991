import type { TargetResponder } from '../../types.generated.ts'

/** A pod's own ones, and the one that evicts by itself. */
export const maxResponders = 11
/** How far the clocks of those who write may be apart. */
export const skewMs = 30_000

export function hasDuplicates(named: readonly { readonly name: string }[]): boolean {
  return new Set(named.map(({ name }) => name)).size < named.length
}

/**
 * In the order in which they work: larger priorities first, then by the labels of their domain from the last to the
 * first, then by what follows the slash (pkg/apis/lifecycle/validation SortTargetResponders).
 */
export function inTurn(responders: readonly TargetResponder[]): TargetResponder[] {
  return [...responders].sort((a, b) => b.priority - a.priority || compareNames(a.name, b.name))
}

function compareNames(a: string, b: string): number {
  const [left, right] = [parts(a), parts(b)]
  for (const [index, label] of left.domain.entries()) {
    const other = right.domain[index]
    if (other === undefined) return 1
    const order = compareText(label, other)
    if (order !== 0) return order
  }
  return right.domain.length > left.domain.length ? -1 : compareText(left.key, right.key)
}

function parts(name: string): { readonly domain: readonly string[]; readonly key: string } {
  const slash = name.indexOf('/')
  const domain = slash < 0 ? name : name.slice(0, slash)
  return { domain: domain.split('.').reverse(), key: slash < 0 ? '' : name.slice(slash + 1) }
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
